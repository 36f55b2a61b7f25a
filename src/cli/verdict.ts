import { type ExpiredReason, type NotFoundReason, SessionExpired, SessionNotFound } from '../errors.js';
import { claimsSchema } from '../token/claims-schema.js';
import type { Decoded } from './decode.js';
import type { Judge } from './inspect-options.js';
import { causeOf, endOf } from './lifespan.js';
import { distance, json, showable } from './show.js';

/** What a token is worth. */
export interface Verdict {
  /** Only 'verified' opens a session; 'unverified' = there was no secret to tell by. */
  readonly outcome: 'verified' | 'expired' | 'refused' | 'unverified';
  /** What the error of an application's storage would say. */
  readonly reason: NotFoundReason | ExpiredReason | undefined;
  /** The same for people. Holds escapes for whatever came from the token. */
  readonly explanation: string;
}

/** Judges a token as the storage does, without touching it. */
export function verdictOn(token: string, decoded: Decoded, judge: Judge): Verdict {
  const { storage } = judge;
  if (storage === undefined) {
    if (decoded.problem !== undefined) return { outcome: 'refused', ...decoded.problem };
    return { outcome: 'unverified', reason: undefined, explanation: 'no secret given' };
  }
  try {
    storage.get(token, { touch: false });
    return { outcome: 'verified', reason: undefined, explanation: acceptance(judge) };
  } catch (error) {
    if (!(error instanceof SessionNotFound)) throw error;
    const { reason } = error;
    if (error instanceof SessionExpired) return { outcome: 'expired', reason, explanation: expiry(decoded, judge) };
    return { outcome: 'refused', reason, explanation: refusal(reason, decoded, judge) };
  }
}

function acceptance({ settings }: Judge): string {
  const good = isUnsigned(settings) ? 'unsigned, so anyone may have written it, but its' : 'signature,';
  return `${good} claims and expiry are good under these options (whether it was revoked is not known here)`;
}

function expiry({ claims }: Decoded, { settings }: Judge): string {
  const end = endOf(claims, settings.bounds);
  const when = end === undefined ? '' : ` ${distance(end.at, settings.clock.now())}, ${causeOf(end)}`;
  return `it expired${when}; its ${isUnsigned(settings) ? '' : 'signature and '}claims are good`;
}

function refusal(reason: NotFoundReason | ExpiredReason, { header, claims, problem }: Decoded, judge: Judge): string {
  if (problem !== undefined && (reason === problem.reason || reason === 'malformed')) return problem.explanation;
  const { algorithm, issuer, audience } = judge.settings;
  switch (reason) {
    case 'malformed':
      return `its header asks for what is not understood here: ${oddities(header).join(', ')}`;
    case 'bad_signature':
      return isUnsigned(judge.settings)
        ? 'it has a signature, though it says that it is unsigned'
        : 'its signature does not fit the secret: another one signed it, or it was changed';
    case 'wrong_algorithm':
      return `its header ${naming('alg', header)}, expected is ${json(algorithm)} (--algorithm)`;
    case 'unknown_key':
      return `its header ${naming('kid', header)}, which names no key`;
    case 'wrong_issuer':
      return `it ${naming('iss', claims)}, expected is ${json(issuer)} (--issuer)`;
    case 'wrong_audience':
      return `it ${naming('aud', claims)}, expected is ${audience === undefined ? 'none' : json(audience)} (--audience)`;
    case 'invalid_claims':
      return `signed, but not as a session: ${wrongClaims(claims, judge).join('; ')}`;
    default:
      return `it is ${reason}`;
  }
}

function oddities(header: Decoded['header']): readonly string[] {
  const names = ['crit', 'b64'].filter((name) => Object.hasOwn(header ?? {}, name));
  return names.length > 0 ? names : [`typ ${json(header?.['typ'])}`];
}

function wrongClaims(claims: unknown, { settings }: Judge): readonly string[] {
  const schema = claimsSchema(settings, settings.clock.now() + settings.clockSkew);
  const { error } = schema.safeParse(claims);
  return (error?.issues ?? []).map(({ path, message }) => `${path.map(String).join('.')} ${message}`);
}

function isUnsigned({ algorithm }: Judge['settings']): boolean {
  return algorithm === 'none';
}

function naming(name: string, content: Decoded['claims']): string {
  const value = content?.[name];
  return value === undefined ? `has no ${name}` : `has ${name} ${json(showable(value))}`;
}
