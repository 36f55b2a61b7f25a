import { newId } from '../../lib/id.js';

/** Identifies one write among all: 96 random bits behind a full stop. */
export function newNonce(): string {
  return `.${newId().slice(0, 16)}`;
}
