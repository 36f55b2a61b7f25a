import type { Connection, Response } from './connection.js';
import type { Kind } from './messages.js';

/** A signed-in client: the bytes of its requests, and the cookies in them. */
export class Visitor {
  readonly #cookies = new Map<string, string>();
  #requests: Readonly<Record<Kind, Buffer>> = this.#prepare();

  static async signIn(connection: Connection): Promise<Visitor> {
    const visitor = new Visitor();
    visitor.#keepCookies(await connection.request(requestBytes('POST', '/sign-in', '')));
    return visitor;
  }

  async send(kind: Kind, connection: Connection): Promise<void> {
    this.#keepCookies(await connection.request(this.#requests[kind]));
  }

  /** A browser sends a changed cookie with its next request, so that the token there is a new one. */
  #keepCookies({ head }: Response): void {
    if (!/\r\nset-cookie:/i.test(head)) return;
    for (const [, name = '', value = ''] of head.matchAll(/\r\nset-cookie: ([^=]*)=([^;\r]*)/gi)) {
      this.#cookies.set(name, value);
    }
    this.#requests = this.#prepare();
  }

  #prepare(): Readonly<Record<Kind, Buffer>> {
    const cookie = Array.from(this.#cookies, ([name, value]) => `${name}=${value}`).join('; ');
    return { look: requestBytes('GET', '/', cookie), change: requestBytes('POST', '/change', cookie) };
  }
}

function requestBytes(method: string, path: string, cookie: string): Buffer {
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: 127.0.0.1', 'Accept: application/json'];
  if (method === 'POST') lines.push('Content-Length: 0');
  if (cookie !== '') lines.push(`Cookie: ${cookie}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}
