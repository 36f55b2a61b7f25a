/**
 * Many clients of one server with streams, in a process of their own. Answers one command at a time, see `CrowdCommand`.
 *
 * @module
 */
import { Agent, type IncomingMessage, request } from 'node:http';
import { createParser } from 'eventsource-parser';

/** What the clients are asked to do. Each answer is `undefined`, or what went wrong. */
export type CrowdCommand =
  /** Each opens a stream. Answered when all have had their first event. */
  | { readonly kind: 'open'; readonly port: number; readonly cookies: readonly string[] }
  /** Answered when each client that reads has had the messages 0 to `count` - 1, in their order and nothing between. */
  | { readonly kind: 'hear'; readonly count: number }
  /** One stops reading. */
  | { readonly kind: 'stall'; readonly index: number }
  /** Answered when each stream is over, after a last event of this type. */
  | { readonly kind: 'finish'; readonly type: string }
  /** So many clients come and leave, some before the head, some after the first event. Answered when they have left. */
  | { readonly kind: 'pass'; readonly port: number; readonly cookie: string; readonly count: number };

/** How many wait for an answer at a time. */
const AT_ONCE = 50;

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

class Client {
  /** The next number that must come. */
  next = 0;
  lastType: string | undefined;
  problem: string | undefined;
  isReading = true;
  isOver = false;
  onChange: () => void = () => undefined;
  readonly #body: IncomingMessage;

  constructor(body: IncomingMessage) {
    this.#body = body;
    const parser = createParser({ onEvent: ({ event, data }) => this.#take(event, JSON.parse(data)) });
    body.setEncoding('utf8');
    body.on('data', (text: string) => {
      parser.feed(text);
      this.onChange();
    });
    body.once('close', () => {
      this.isOver = true;
      this.onChange();
    });
    body.on('error', () => undefined);
  }

  stall(): void {
    this.isReading = false;
    this.#body.pause();
  }

  #take(type: string | undefined, data: unknown): void {
    this.lastType = type;
    if (type !== 'message') return;
    const { data: number } = Object(data);
    if (number !== this.next) this.problem ??= `got ${number}, expected ${this.next}`;
    this.next += 1;
  }
}

const clients: Client[] = [];

process.on('message', (command: CrowdCommand) => {
  obey(command).then(
    (problem) => process.send?.({ problem }),
    (error: unknown) => process.send?.({ problem: String(error) }),
  );
});
process.on('disconnect', () => process.exit());
process.send?.('ready');

async function obey(command: CrowdCommand): Promise<string | undefined> {
  switch (command.kind) {
    case 'open':
      await each(command.cookies, async (cookie) => clients.push(await open(command.port, cookie)));
      return undefined;
    case 'hear':
      return await all(
        (client) => !client.isReading || client.isOver || client.next >= command.count,
        (client) => (client.isReading ? (client.problem ?? countProblem(client, command.count)) : undefined),
      );
    case 'stall':
      clients[command.index]?.stall();
      return undefined;
    case 'finish':
      return await all(
        ({ isOver }) => isOver,
        ({ lastType }) => (lastType === command.type ? undefined : `the last event was ${lastType}`),
      );
    case 'pass':
      await each(
        Array.from({ length: command.count }, (_, at) => at % 2 === 0),
        (isEarly) => pass(command.port, command.cookie, isEarly),
      );
      return undefined;
  }
}

async function each<Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>): Promise<void> {
  const left = items[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const item of left) await work(item);
    }),
  );
}

/** Waits until every client is ready, and gives the first problem of one. */
async function all(
  isReady: (client: Client) => boolean,
  problemOf: (client: Client) => string | undefined,
): Promise<string | undefined> {
  for (const client of clients) {
    while (!isReady(client)) {
      await new Promise<void>((resolve) => {
        client.onChange = resolve;
      });
    }
  }
  return clients.map(problemOf).find((problem) => problem !== undefined);
}

async function open(port: number, cookie: string): Promise<Client> {
  const outgoing = request({ host: '127.0.0.1', port, path: '/live', agent, headers: { cookie } });
  outgoing.end();
  const client = await new Promise<Client>((resolve, reject) => {
    outgoing.once('response', (body) => resolve(new Client(body)));
    outgoing.once('error', reject);
  });
  outgoing.on('error', () => undefined);
  while (client.lastType !== 'open') {
    await new Promise<void>((resolve) => {
      client.onChange = resolve;
    });
  }
  return client;
}

function countProblem({ next }: Client, count: number): string | undefined {
  return next === count ? undefined : `got ${next} messages, expected ${count}`;
}

/** Comes and leaves. */
async function pass(port: number, cookie: string, isEarly: boolean): Promise<void> {
  const outgoing = request({ host: '127.0.0.1', port, path: '/live', agent: false, headers: { cookie } });
  outgoing.end();
  outgoing.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    outgoing.once('close', resolve);
    if (isEarly) outgoing.once('finish', () => outgoing.destroy());
    else outgoing.once('response', (body) => body.once('data', () => outgoing.destroy()));
  });
}
