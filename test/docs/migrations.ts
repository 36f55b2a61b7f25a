import { documentAt } from './documents.js';

/** A page for those who move from another package, and what its programs are expected to do. */
export interface Migration {
  readonly peer: string;
  readonly page: string;
  /** The options, methods and properties that the tables must have, from the other package's own documents. */
  readonly names: readonly string[];
  /** The old cookie. */
  readonly cookie: string;
  /** The views that a user sees first and second after the sign-in, who saw two or one before. */
  readonly after: readonly [number, number];
  /** Whether a copy of the old cookie outlives the sign-out. */
  readonly copyLives: boolean;
}

/** The first groups of all matches. */
function found(path: string, pattern: RegExp): string[] {
  return Array.from(documentAt(`node_modules/${path}`).text.matchAll(pattern), ([, name = '']) => name);
}

export const MIGRATIONS: readonly Migration[] = [
  {
    peer: 'express-session',
    page: 'docs/migrating/express-session.md',
    names: [
      ...found('express-session/README.md', /^##### ([a-zA-Z.]+)$/gm),
      ...found('express-session/README.md', /^#### Cookie\.(\w+)$/gm).map((name) => `req.session.cookie.${name}`),
      ...found('express-session/README.md', /^#### Session\.(\w+)\(/gm).map((name) => `req.session.${name}(`),
      ...found('express-session/README.md', /^### (req\.\w+(?:\.\w+)?)$/gm),
    ],
    cookie: 'connect.sid',
    after: [1, 2],
    copyLives: false,
  },
];
