import { type SessionStorageOptions, type TokenSettings, tokenSettings } from '../storage/token/options.js';
import { SessionStorage } from '../storage/token/session-storage.js';
import { ALGORITHMS } from '../token/algorithm.js';
import { type CommandIo, UsageError } from './command.js';
import { type OptionNames, type Options, readOneOf, readWhole } from './options.js';
import { namesSecret, readSecret, SECRET_OPTIONS } from './secret-source.js';

/** How `inspect` judges a token. */
export interface Judge {
  /** Verifies the token; `undefined` without a secret. */
  readonly storage: SessionStorage<object, object> | undefined;
  /** The settings of that storage; with the algorithm 'none' when there is no secret. */
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

/** Makes the storage that an application would make of these options. @throws UsageError when an option is wrong */
export function judgeFor(options: Options, { env, clock }: CommandIo): Judge {
  const jwtAlgorithm = readOneOf(options, 'algorithm', ALGORITHMS);
  const unsigned = jwtAlgorithm === 'none';
  if (unsigned && namesSecret(options)) throw new UsageError('--algorithm none takes no secret');
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
    // Its messages name the option, or what is wrong with a key, and never contain a key.
    if (error instanceof TypeError) throw new UsageError(error.message);
    throw error;
  }
}
