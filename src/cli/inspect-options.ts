import { type SessionStorageOptions, type TokenSettings, tokenSettings } from '../storage/token/options.js';
import { SessionStorage } from '../storage/token/session-storage.js';
import { ALGORITHMS } from '../token/algorithm.js';
import { type CommandIo, UsageError } from './command.js';
import { type OptionNames, type Options, readOneOf, readWhole } from './options.js';
import { namesSecret, readSecret, SECRET_OPTIONS } from './secret-source.js';

/** What the options of `inspect` come to. */
export interface Judge {
  /** Judges the token; `undefined` without a secret. */
  readonly storage: SessionStorage<object, object> | undefined;
  /** The options as a storage understands them; with the algorithm 'none' when there is no secret. */
  readonly settings: TokenSettings;
}

/** All options of `inspect`. */
export const INSPECT_OPTIONS: OptionNames = {
  flags: ['json'],
  values: [
    ...SECRET_OPTIONS,
    'algorithm',
    'time-to-live',
    'ttl-type',
    'idle-timeout',
    'absolute-timeout',
    'issuer',
    'audience',
    'clock-skew',
  ],
};

/** The storage that an application with these options would have. @throws UsageError when it could not have one */
export function judgeFor(options: Options, { env, clock }: CommandIo): Judge {
  const jwtAlgorithm = readOneOf(options, 'algorithm', ALGORITHMS);
  const unsigned = jwtAlgorithm === 'none';
  if (unsigned && namesSecret(options)) throw new UsageError('--algorithm none goes without a secret');
  const jwtSecret = unsigned ? undefined : readSecret(options, env);
  const given: SessionStorageOptions<object, object> = {
    timeToLive: readWhole(options, 'time-to-live'),
    ttlType: readOneOf(options, 'ttl-type', ['lastAccess', 'lastUpdate', 'created']),
    idleTimeout: readWhole(options, 'idle-timeout'),
    absoluteTimeout: readWhole(options, 'absolute-timeout'),
    issuer: options.values.get('issuer'),
    audience: options.values.get('audience'),
    clockSkew: readWhole(options, 'clock-skew'),
    cacheSize: 0,
    clock,
  };
  try {
    if (jwtSecret === undefined && !unsigned) {
      return { storage: undefined, settings: tokenSettings({ ...given, jwtAlgorithm: 'none' }) };
    }
    const all = { ...given, jwtSecret, jwtAlgorithm };
    return { storage: new SessionStorage(all), settings: tokenSettings(all) };
  } catch (error) {
    // Its messages name the option or say what is wrong with a key; they never show one.
    if (error instanceof TypeError) throw new UsageError(error.message);
    throw error;
  }
}
