/**
 * Verifies the identity tokens of `activateSessions` in other services.
 *
 * @module
 */

export type { Clock } from '../ports/clock.js';
export type { JwtAlgorithm } from '../token/algorithm.js';
export type { Jwk, KeyMaterial } from '../token/key-import.js';
export type { NamedSecret, Secret } from '../token/keyring.js';
export type { Identity } from './claims.js';
export type { IdentityReason } from './errors.js';
export { IdentityInvalid } from './errors.js';
export type { IdentityAlgorithm } from './options.js';
export type { PublicJwk } from './public-jwk.js';
export type { KeySet, PublishedKey, SigningKeys } from './public-keys.js';
export { publicKeys } from './public-keys.js';
export type { Verified } from './verifier.js';
export { IdentityVerifier } from './verifier.js';
export type { IdentityVerifierOptions } from './verifier-options.js';
