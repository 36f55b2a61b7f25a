import { newId } from '../../lib/id.js';

/** A unique name of one write: a full stop and 96 random bits. */
export function newNonce(): string {
  return `.${newId().slice(0, 16)}`;
}
