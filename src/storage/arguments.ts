import { kindOf } from '../lib/kind-of.js';
import { knownOnly } from '../lib/known-only.js';
import { isSession } from '../session/is-session.js';
import type { SessionRef } from '../session/session.js';
import { checkSessionRef } from '../session/session-ref.js';
import type { OpenOptions } from './session-source.js';

/** Whether `get` counts as activity. @throws TypeError naming the option that is wrong */
export function touchOf(options: OpenOptions | undefined): boolean {
  knownOnly('get', options, ['touch']);
  const touch: unknown = options?.touch ?? true;
  if (typeof touch === 'boolean') return touch;
  throw new TypeError(`get: option touch: expected a boolean, got ${kindOf(touch)}`);
}

/** The session that `listOfUser` marks. @throws TypeError naming the option that is wrong */
export function currentOf(options: { readonly current?: SessionRef | undefined } | undefined): SessionRef | undefined {
  knownOnly('listOfUser', options, ['current']);
  if (options?.current !== undefined) checkSessionRef('listOfUser: option current', options.current);
  return options?.current;
}

/** The error for something that `commit` cannot take. */
export function notOurs(session: unknown): TypeError {
  return new TypeError(
    isSession(session)
      ? 'commit: this session belongs to another storage'
      : `commit: expected a session, got ${kindOf(session)}`,
  );
}
