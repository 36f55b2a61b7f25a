import { newId } from '../../session/id.js';

/** What tells one write from all others: 36 random bits behind a full stop. */
export function newNonce(): string {
  return `.${newId().slice(0, 6)}`;
}
