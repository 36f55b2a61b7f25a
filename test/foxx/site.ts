import { createRequire } from 'node:module';
import express, { type Express, type NextFunction, type Request, type Response, type Router } from 'express';
import { CookieJar } from 'tough-cookie';
import { Controller, type ControllerOptions } from '../../src/foxx/controller.js';
import { RevocationList } from '../../src/storage/revocation/revocation-list.js';
import { SessionStorage } from '../../src/storage/token/session-storage.js';
import { served } from './support.js';

export const secret = 'a secret of the tests, as long as HS512 asks for: 64 bytes in all.';

const express4: typeof express = createRequire(import.meta.url)('express4');

/** Both majors of Express, by number. */
export const majors = [
  [4, express4],
  [5, express],
] as const;

export interface Site {
  readonly app: Express;
  readonly router: Router;
  readonly controller: Controller;
  readonly sessionStorage: SessionStorage;
  /** What reached the error handler, which answers with the error's status, or 500, and its message. */
  readonly errors: unknown[];
  readonly visit: (use: (origin: string) => Promise<unknown>) => Promise<void>;
}

/** An application with one controller, sessions not yet active. */
export function site(options?: ControllerOptions, make: typeof express = express): Site {
  const app = make();
  const router = make.Router();
  const errors: unknown[] = [];
  app.use(make.json(), router);
  const sessionStorage = new SessionStorage({ jwtSecret: secret, revocations: new RevocationList() });
  const visit: Site['visit'] = async (use) => {
    app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
      errors.push(error);
      if (response.headersSent) return;
      const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
      response.status(status).json({ failed: error instanceof Error ? error.message : error });
    });
    await served(app, async (origin) => {
      await use(origin);
    });
  };
  return { app, router, controller: new Controller({ router }, options), sessionStorage, errors, visit };
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

/** How a client keeps its sid; a client by header keeps no cookies. */
export const transports = ['cookie', 'header'] as const;

/** A client that holds on to its session. */
export class Client {
  readonly #origin: string;
  readonly #by: (typeof transports)[number];
  readonly #jar = new CookieJar();
  #header = '';

  constructor(origin: string, by: (typeof transports)[number]) {
    this.#origin = origin;
    this.#by = by;
  }

  /** What it would send now, to be sent again by {@link send}. */
  get credential(): Readonly<Record<string, string>> {
    const cookie = this.#jar.getCookieStringSync(this.#origin);
    if (this.#by === 'cookie') return cookie === '' ? {} : { cookie };
    return this.#header === '' ? {} : { 'x-session-id': this.#header };
  }

  get(path: string): Promise<Answer> {
    return this.send('GET', path);
  }

  post(path: string, body: object = {}): Promise<Answer> {
    return this.send('POST', path, body);
  }

  async send(method: string, path: string, body?: object, credential = this.credential): Promise<Answer> {
    const response = await fetch(this.#origin + path, {
      method,
      headers: { ...credential, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    for (const line of response.headers.getSetCookie()) this.#jar.setCookieSync(line, this.#origin);
    this.#header = response.headers.get('x-session-id') ?? this.#header;
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }
}
