import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A response, as far as it is looked at. */
export interface Response {
  readonly status: string;
  readonly head: string;
}

const LONGEST_WAIT = 30_000;

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
    socket.setTimeout(LONGEST_WAIT);
    socket.on('data', (chunk: string) => this.#take(chunk));
    socket.on('timeout', () => this.#fail?.(new Error(`no answer within ${LONGEST_WAIT} ms`)));
    socket.on('error', (error) => this.#fail?.(error));
    socket.on('close', () => this.#fail?.(new Error('the server closed the connection')));
  }

  static async open(port: number): Promise<Connection> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Connection(socket);
  }

  /** Sends a request without a body. @throws Error for any status but 200, or after 30 s */
  async request(bytes: Buffer): Promise<Response> {
    if (this.#socket.destroyed) throw new Error('the server closed the connection');
    const response = await new Promise<Response>((resolve, reject) => {
      this.#answer = resolve;
      this.#fail = reject;
      this.#socket.write(bytes);
    });
    if (response.status !== '200') throw new Error(`the server answered ${response.head}`);
    return response;
  }

  #take(chunk: string): void {
    this.#received += chunk;
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd === -1) return;
    const head = this.#received.slice(0, headEnd);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (this.#received.length < headEnd + 4 + length) return;
    this.#received = '';
    this.#fail = undefined;
    this.#answer?.({ status: head.slice(9, 12), head });
  }
}
