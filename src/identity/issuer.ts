import type { KeyObject } from 'node:crypto';
import { warn } from '../lib/warn.js';
import type { Parties } from '../token/claims.js';
import { Codec } from '../token/codec.js';
import type { Secret } from '../token/keyring.js';
import { type Identity, seconds, writeIdentity } from './claims.js';
import type { IdentityReason } from './errors.js';
import { identityKeys } from './keys.js';
import type { IdentityAlgorithm } from './options.js';
import { IDENTITY_TOKEN, IdentityReader } from './reader.js';

/** How tokens are issued. */
export interface IssuerSettings extends Parties {
  readonly jwtAlgorithm: IdentityAlgorithm;
  readonly secrets: readonly Secret[];
  /** How long a token is valid, in ms. */
  readonly life: number;
}

/** The longest ids, for the length of the longest token. A control character takes six bytes of JSON. */
const LONGEST: Identity = {
  uid: '\u0001'.repeat(255),
  lineage: 'l'.repeat(255),
  authenticatedAt: Number.MAX_SAFE_INTEGER,
  expires: Number.MAX_SAFE_INTEGER,
};

/** Issues identity tokens, and recognizes them. */
export class IdentityIssuer {
  readonly #settings: IssuerSettings;
  readonly #codec: Codec;
  readonly #reader: IdentityReader;
  readonly #keys: readonly KeyObject[];
  /** The length of the longest token, in characters. */
  readonly longest: number;

  /** `option`: the name of `jwtSecret`, for messages. @throws TypeError that says what is wrong with a key without showing it */
  constructor(settings: IssuerSettings, option: string) {
    const { jwtAlgorithm, secrets } = settings;
    const keyring = identityKeys(jwtAlgorithm, secrets, option);
    if (keyring.warning !== undefined) warn('SESSIONS_SHORT_SECRET', `${option}: ${keyring.warning}`);
    this.#settings = settings;
    this.#codec = new Codec(jwtAlgorithm, keyring, IDENTITY_TOKEN);
    if (!this.#codec.canSign) throw new TypeError(`${option}: a public key cannot sign: pass the private key`);
    this.#reader = new IdentityReader(keyring, { ...settings, clockSkew: 1_000 });
    this.#keys = keyring.all.map(({ verifying }) => verifying);
    this.longest = this.#codec.sign(writeIdentity(LONGEST, settings, Number.MAX_SAFE_INTEGER)).length;
  }

  /** The public halves of its keys; a secret is its own. */
  get keys(): readonly KeyObject[] {
    return this.#keys;
  }

  /** How long a token is valid, in ms. */
  get life(): number {
    return this.#settings.life;
  }

  /** What a token for this session would say. `at`: when the session was known to be valid. It never lasts longer than the session. */
  identityOf(session: Identity, at: number): Identity {
    const { uid, lineage, authenticatedAt } = session;
    const expires = Math.min(at + this.#settings.life, session.expires);
    const since = authenticatedAt === undefined ? undefined : inSeconds(authenticatedAt);
    return { uid, lineage, authenticatedAt: since, expires: inSeconds(expires) };
  }

  issue(identity: Identity, at: number): string {
    return this.#codec.sign(writeIdentity(identity, this.#settings, at));
  }

  /** The identity of a token, or why it is refused. */
  read(token: unknown, now: number): Identity | IdentityReason {
    return this.#reader.read(token, now);
  }
}

function inSeconds(time: number): number {
  return seconds(time) * 1000;
}
