import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A real server at which an issuer publishes its keys. It counts the requests, and answers as it is told. */
export class KeyServer {
  readonly #server: Server;
  #answer: Answer = (_, response) => void response.writeHead(404).end();
  requests = 0;

  constructor() {
    this.#server = createServer((request, response) => {
      this.requests += 1;
      this.#answer(request, response);
    });
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return `http://127.0.0.1:${address.port}/jwks.json`;
  }

  answers(answer: Answer): void {
    this.#answer = answer;
  }

  /** Answers with a document: JSON is made of it, a string is taken as it is. */
  publishes(document: unknown, headers: Readonly<Record<string, string>> = {}): void {
    const body = typeof document === 'string' ? document : JSON.stringify(document);
    this.answers((_, response) => void response.writeHead(200, headers).end(body));
  }

  fails(status = 500): void {
    this.answers((_, response) => void response.writeHead(status).end());
  }
}
