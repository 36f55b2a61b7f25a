import type { Cures } from '../../lib/strict-options.js';

const LIFE =
  'the cookie lives as long as its session; set idleTimeout or absoluteTimeout on the storage, or call session.setLifetime() for one session';

/** Options of other packages' cookies, and what does the same here. */
export const COOKIE_CURES: Cures = {
  maxAge: LIFE,
  expires: LIFE,
  originalMaxAge: LIFE,
  samesite: 'write sameSite',
  httponly: 'write httpOnly',
  signed: 'leave it out; a sid cannot be guessed or changed without being noticed',
  overwrite: 'leave it out; the session cookie always replaces an earlier one of its name',
  encode: 'leave it out; a sid needs no encoding',
  priority: 'leave it out; the cookie has no Priority',
};
