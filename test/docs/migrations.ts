import { documentAt } from './documents.js';

/** A page for those who move from another package, and what its programs are expected to do. */
export interface Migration {
  readonly peer: string;
  readonly page: string;
  /** The options, methods and properties that the tables must have, from the other package's own documents. */
  readonly names: readonly string[];
  /** The old cookie. */
  readonly cookie: string;
  /** The views that a user sees after two visits and a sign-in, and then. */
  readonly views: readonly [number, number];
  /** Whether a copy of the old cookie outlives the sign-out. */
  readonly copyLives: boolean;
  /** Whether the page compares the sizes of cookies. */
  readonly sizes: boolean;
}

/** The first groups of all matches. */
function found(path: string, pattern: RegExp): string[] {
  return Array.from(documentAt(`node_modules/${path}`).text.matchAll(pattern), ([, name = '']) => name);
}

/** The names of the properties and methods that a declaration file has between one line and the next end of a type. */
function fieldsOf(path: string, start: string): string[] {
  const { text } = documentAt(`node_modules/${path}`);
  const from = text.indexOf(start);
  const body = text.slice(from, text.slice(from).search(/^ *\}(?:;| \| \{)?$/m) + from);
  return [...new Set(Array.from(body.matchAll(/^ *(?:readonly )?(\w+)(?:<.*>)?\??[(:]/gm), ([, name = '']) => name))];
}

/** The attributes that the packages `cookie` and `@fastify/cookie` can set. */
const COOKIE_FIELDS = [
  'domain',
  'expires',
  'httpOnly',
  'maxAge',
  'partitioned',
  'path',
  'priority',
  'sameSite',
  'secure',
] as const;

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
    views: [1, 2],
    copyLives: false,
    sizes: false,
  },
  {
    peer: 'cookie-session',
    page: 'docs/migrating/cookie-session.md',
    names: [
      ...found('cookie-session/README.md', /^##### (\w+)$/gm),
      ...found('cookie-session/README.md', /^ {2}- `(\w+)`: /gm),
      ...found('cookie-session/README.md', /^#### \.(\w+)$/gm).map((name) => `req.session.${name}`),
      ...found('cookie-session/README.md', /^### (req\.\w+)$/gm),
      'req.session = null',
    ],
    cookie: 'session',
    views: [3, 4],
    copyLives: true,
    sizes: true,
  },
  {
    peer: 'iron-session',
    page: 'docs/migrating/iron-session.md',
    names: [
      ...fieldsOf('iron-session/dist/index.d.ts', 'interface SessionOptions {'),
      ...fieldsOf('iron-session/dist/index.d.ts', 'type IronSession<T> = T & {').map((name) => `session.${name}(`),
      ...found('iron-session/README.md', /^### `(\w+)<?.*\(/gm).filter((name) => name !== 'session'),
      ...COOKIE_FIELDS.map((name) => `cookieOptions.${name}`),
    ],
    cookie: 'app',
    views: [3, 4],
    copyLives: true,
    sizes: true,
  },
  {
    peer: '@fastify/session',
    page: 'docs/migrating/fastify-session.md',
    names: [
      ...fieldsOf('@fastify/session/types/index.d.ts', 'export interface FastifySessionOptions {'),
      ...fieldsOf('@fastify/session/types/index.d.ts', 'export interface FastifySessionObject extends').map(
        (name) => `request.session.${name}`,
      ),
      ...COOKIE_FIELDS.map((name) => `cookie.${name}`),
      'request.sessionStore',
      'app.decryptSession(',
    ],
    cookie: 'sessionId',
    views: [1, 2],
    copyLives: false,
    sizes: false,
  },
  {
    peer: '@fastify/secure-session',
    page: 'docs/migrating/fastify-secure-session.md',
    names: [
      ...fieldsOf('@fastify/secure-session/types/index.d.ts', 'export type SecureSessionPluginOptions = {'),
      ...fieldsOf('@fastify/secure-session/types/index.d.ts', 'export type Session<T = SessionData> =').map(
        (name) => `request.session.${name}`,
      ),
      ...fieldsOf('@fastify/secure-session/types/index.d.ts', 'interface FastifyInstance {').map(
        (name) => `app.${name}(`,
      ),
      ...COOKIE_FIELDS.map((name) => `cookie.${name}`),
      ...['cookie.signed', 'key', 'secret', 'salt'],
    ],
    cookie: 'session',
    views: [1, 2],
    copyLives: true,
    sizes: true,
  },
];
