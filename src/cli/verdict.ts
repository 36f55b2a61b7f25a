import { type ExpiredReason, type NotFoundReason, SessionExpired, SessionNotFound } from '../errors.js';
import { spellPath } from '../lib/path.js';
import { claimsSchema } from '../token/claims-schema.js';
import type { Decoded } from './decode.js';
import type { Judge } from './inspect-options.js';
import { causeOf, endFromClaims } from './lifespan.js';
import { SECRET_VARIABLE } from './secret-source.js';
import { distance, json, showable } from './show.js';

/** Whether a token opens a session. */
export interface Verdict {
  /** Only 'verified' opens a session. 'unverified' = no secret was given. */
  readonly outcome: 'verified' | 'expired' | 'refused' | 'unverified';
  /** The `reason` of the error that `get` of an application's storage would throw. */
  readonly reason: NotFoundReason | ExpiredReason | undefined;
  /** The reason as a sentence. Text from the token is escaped. */
  readonly explanation: string;
}

/** Judges a token as the storage does, without a touch. */
export function verdictOn(token: string, decoded: Decoded, judge: Judge): Verdict {
  const { storage } = judge;
  if (storage === undefined) {
    if (decoded.problem !== undefined) return { outcome: 'refused', ...decoded.problem };
    return {
      outcome: 'unverified',
      reason: undefined,
      explanation: `no secret given: set ${SECRET_VARIABLE}, or use --secret-env or --secret-file`,
    };
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
  const valid = isUnsigned(settings) ? 'unsigned, so anyone can have written it, but its' : 'signature,';
  return `${valid} claims and expiry are valid with these options (revocation is not checked)`;
}

function expiry({ claims }: Decoded, { settings }: Judge): string {
  const end = endFromClaims(claims, settings.bounds);
  const when = end === undefined ? '' : ` ${distance(end.at, settings.clock.now())}, ${causeOf(end)}`;
  return `it expired${when}; its ${isUnsigned(settings) ? '' : 'signature and '}claims are valid`;
}

function refusal(reason: NotFoundReason | ExpiredReason, { header, claims, problem }: Decoded, judge: Judge): string {
  if (problem !== undefined && (reason === problem.reason || reason === 'malformed')) return problem.explanation;
  const { algorithm, issuer, audience } = judge.settings;
  switch (reason) {
    case 'malformed':
      return `its header has something that is not supported: ${oddities(header).join(', ')}`;
    case 'bad_signature':
      return isUnsigned(judge.settings)
        ? 'it has a signature, but its header says alg none'
        : 'its signature does not match: it was signed with another secret, or changed';
    case 'wrong_algorithm':
      return `its header ${naming('alg', header)}, expected ${json(algorithm)} (--algorithm)`;
    case 'unknown_key':
      return `its header ${naming('kid', header)}, which is the kid of no key`;
    case 'wrong_issuer':
      return `it ${naming('iss', claims)}, expected ${json(issuer)} (--issuer)`;
    case 'wrong_audience':
      return `it ${naming('aud', claims)}, expected ${audience === undefined ? 'none' : json(audience)} (--audience)`;
    case 'invalid_claims':
      return `its signature is valid, but its claims are not: ${wrongClaims(claims, judge).join('; ')}`;
    case 'not_yet_valid':
      return `its signature is valid, but it comes from a clock that is ahead: ${wrongClaims(claims, judge).join('; ')}`;
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
  return (error?.issues ?? []).map(({ path, message }) => `${spellPath(path)} ${message}`);
}

function isUnsigned({ algorithm }: Judge['settings']): boolean {
  return algorithm === 'none';
}

function naming(name: string, content: Decoded['claims']): string {
  const value = content?.[name];
  return value === undefined ? `has no ${name}` : `has ${name} ${json(showable(value))}`;
}
