import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A response, as far as it is looked at. */
export interface Response {
  readonly status: string;
  readonly head: string;
}

/** A keep-alive connection that costs the machine less than the server it loads: no pipelining, Content-Length only. */
export class Connection {
  readonly #socket: Socket;
  #received = '';
  #answer: ((response: Response) => void) | undefined;
  #fail: ((error: Error) => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => this.#take(chunk));
    socket.on('error', (error) => this.#fail?.(error));
    socket.on('close', () => this.#fail?.(new Error('the server closed the connection')));
  }

  static async open(port: number): Promise<Connection> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Connection(socket);
  }

  /** Sends a request without a body. */
  request(bytes: Buffer): Promise<Response> {
    return new Promise((resolve, reject) => {
      this.#answer = resolve;
      this.#fail = reject;
      this.#socket.write(bytes);
    });
  }

  close(): void {
    this.#fail = undefined;
    this.#socket.destroy();
  }

  #take(chunk: string): void {
    this.#received += chunk;
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd === -1) return;
    const head = this.#received.slice(0, headEnd);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (this.#received.length < headEnd + 4 + length) return;
    this.#received = '';
    this.#answer?.({ status: head.slice(9, 12), head });
  }
}

/** The bytes of a request without a body. */
export function requestBytes(method: string, path: string, cookie?: string): Buffer {
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: 127.0.0.1', 'Accept: application/json', 'Content-Length: 0'];
  if (cookie !== undefined) lines.push(`Cookie: ${cookie}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

/** What a client would send back of the cookies that a response sets. */
export function cookiesOf({ head }: Response): string {
  return [...head.matchAll(/\r\nset-cookie: ([^;\r]*)/gi)].map(([, pair]) => pair).join('; ');
}
