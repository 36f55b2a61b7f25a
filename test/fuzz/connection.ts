import { connect, type Socket } from 'node:net';

/** What a server answered. `status` is 0 if it closed the connection without an answer. */
export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** How long a server may take, in ms, however busy the machine is. */
const LONGEST = 3_000;

/** A keep-alive connection that sends bytes as they are, one request at a time. */
export class RawConnection {
  readonly #port: number;
  #socket: Socket | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  async ask(bytes: Buffer): Promise<RawAnswer> {
    const isReused = this.#socket !== undefined;
    const answer = await this.#exchange(bytes);
    // A server may close an idle connection at any time; a client then asks on another (RFC 9112 section 9.3.1).
    return answer.status === 0 && isReused ? await this.#exchange(bytes) : answer;
  }

  close(): void {
    this.#socket?.destroy();
  }

  #exchange(bytes: Buffer): Promise<RawAnswer> {
    return new Promise((resolve) => {
      this.#socket ??= opened(this.#port);
      const socket = this.#socket;
      let received = '';
      const settle = (): void => {
        socket.off('data', take).off('close', close);
        resolve(answerOf(received));
      };
      const close = (): void => {
        this.#socket = undefined;
        settle();
      };
      const take = (chunk: string): void => {
        received += chunk;
        if (isWhole(received)) settle();
      };
      socket.on('data', take).on('close', close).write(bytes);
    });
  }
}

function opened(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.setTimeout(LONGEST, () => socket.destroy());
  // What there is to know of an error is that the connection is closed then.
  return socket
    .setNoDelay(true)
    .setEncoding('latin1')
    .on('error', () => undefined);
}

/** Whether the connection can be used again: a response that ends with it is whole once it is closed. */
function isWhole(received: string): boolean {
  const { head, body } = answerOf(received);
  if (!received.includes('\r\n\r\n') || /\r\nconnection: close/i.test(head)) return false;
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  return length === undefined ? body.endsWith('0\r\n\r\n') : body.length >= Number(length);
}

function answerOf(received: string): RawAnswer {
  const end = received.indexOf('\r\n\r\n');
  const head = end === -1 ? received : received.slice(0, end);
  return { status: Number(head.slice(9, 12)), head, body: end === -1 ? '' : received.slice(end + 4) };
}
