import { expect } from 'chai';
import { type SinonFakeTimers, stub, useFakeTimers } from 'sinon';
import { Stream } from '../../src/client/stream.js';

const SILENCE = 60_000;

/** A stream to a server that each test plays. */
class Played {
  readonly handled: string[] = [];
  readonly ends: [reason: string, isFinal: boolean][] = [];
  losses = 0;
  readonly connections: { readonly last: string; readonly signal: AbortSignal }[] = [];
  readonly stream: Stream;
  body: ReadableStreamDefaultController<Uint8Array> | undefined;
  /** Where the server answers nothing. */
  isHanging = false;
  /** How many requests the server answers with 204. */
  refusals = 0;

  constructor(silence = SILENCE) {
    this.stream = new Stream({
      connect: async (last, signal) => await this.#connect(last, signal),
      handle: async ({ type }) => void this.handled.push(type),
      end: (reason, isFinal) => this.ends.push([reason, isFinal]),
      lose: () => {
        this.losses += 1;
      },
      silence,
    });
  }

  send(text: string): void {
    this.body?.enqueue(new TextEncoder().encode(text));
  }

  async #connect(last: string, signal: AbortSignal): Promise<Response> {
    this.connections.push({ last, signal });
    if (this.isHanging) return await new Promise((_, reject) => signal.addEventListener('abort', reject));
    if (this.refusals > 0) {
      this.refusals -= 1;
      return new Response(null, { status: 204 });
    }
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.body = controller;
        signal.addEventListener('abort', () => controller.error(new Error('aborted')));
      },
    });
    return new Response(body, { headers: { 'Content-Type': 'text/event-stream; charset=utf-8' } });
  }
}

const OPEN = 'retry: 1000\nevent: open\ndata: {"instance":"a","session":"s","replayed":null}\n\n';

describe('The stream of the client', () => {
  let clock: SinonFakeTimers;

  beforeEach(() => {
    clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });

  afterEach(() => {
    clock.restore();
  });

  it('counts a silent connection as lost, and one with heartbeats not', async () => {
    const played = new Played();
    played.stream.start();
    await clock.tickAsync(0);
    played.send(OPEN);
    for (let beat = 0; beat < 5; beat += 1) {
      await clock.tickAsync(SILENCE - 1);
      played.send(':\n\n');
    }
    await clock.tickAsync(0);
    expect([played.stream.state, played.connections.length]).to.deep.equal(['open', 1]);
    await clock.tickAsync(SILENCE);
    expect(played.stream.state).to.equal('waiting');
    await clock.tickAsync(1_000);
    expect(played.connections).to.have.lengthOf(2);
    played.stream.stop();
  });

  it('gives up a connection that is not answered', async () => {
    const played = new Played();
    played.isHanging = true;
    played.stream.start();
    await clock.tickAsync(SILENCE);
    expect(played.stream.state).to.equal('waiting');
    played.stream.stop();
  });

  it('waits for ever without a limit to silence', async () => {
    const played = new Played(0);
    played.stream.start();
    await clock.tickAsync(86_400_000);
    expect([played.stream.state, played.connections.length]).to.deep.equal(['connecting', 1]);
    played.stream.stop();
  });

  it('resumes after the last event that has an id', async () => {
    const played = new Played();
    played.stream.start();
    await clock.tickAsync(0);
    played.send(`${OPEN}id: 7\nevent: reload\ndata: {}\n\nevent: reload\ndata: {}\n\n`);
    await clock.tickAsync(0);
    played.stream.stop();
    played.stream.start();
    await clock.tickAsync(0);
    expect(played.connections.map(({ last }) => last)).to.deep.equal(['', '7']);
    played.stream.stop();
  });

  it('leaves no connection and no timer behind when it stops', async () => {
    for (const ms of [0, SILENCE]) {
      const played = new Played();
      played.stream.start();
      await clock.tickAsync(ms);
      played.stream.stop();
      await clock.tickAsync(0);
      expect(played.connections.every(({ signal }) => signal.aborted)).to.equal(true);
      expect([played.stream.state, clock.countTimers()]).to.deep.equal(['idle', 0]);
    }
  });

  it('says of each attempt that fails that the connection is lost, and says so of none that it stopped itself', async () => {
    const played = new Played();
    played.stream.start();
    await clock.tickAsync(0);
    played.send(`${OPEN}event: reconnect\ndata: {"reason":"drained"}\n\n`);
    await clock.tickAsync(1_000);
    expect([played.connections.length, played.losses]).to.deep.equal([2, 0]);
    played.stream.stop();
    await clock.tickAsync(0);
    expect(played.losses).to.equal(0);
    played.isHanging = true;
    const random = stub(Math, 'random').returns(0.9);
    played.stream.start();
    await clock.tickAsync(SILENCE);
    expect([played.losses, played.stream.state]).to.deep.equal([1, 'waiting']);
    await clock.tickAsync(SILENCE + 1_000);
    random.restore();
    expect([played.losses, played.stream.state]).to.deep.equal([2, 'waiting']);
    played.stream.stop();
  });

  it('counts no stop as an attempt that failed', async () => {
    const played = new Played();
    played.isHanging = true;
    const random = stub(Math, 'random').returns(0.99);
    for (let stop = 0; stop < 5; stop += 1) {
      played.stream.start();
      played.stream.stop();
      await clock.tickAsync(0);
    }
    played.stream.start();
    await clock.tickAsync(SILENCE);
    await clock.tickAsync(3_000);
    random.restore();
    expect(played.connections).to.have.lengthOf(7);
    played.stream.stop();
  });

  it('opens one connection, however often it is started', async () => {
    const played = new Played();
    played.stream.start();
    played.stream.start();
    await clock.tickAsync(0);
    expect(played.connections).to.have.lengthOf(1);
    played.stream.stop();
  });

  it('waits no longer than an hour, even if the server suggests it', async () => {
    const played = new Played();
    played.stream.start();
    await clock.tickAsync(0);
    played.send(`retry: 99999999999\n${OPEN.slice(12)}event: reconnect\ndata: {"reason":"drain"}\n\n`);
    await clock.tickAsync(3_599_000);
    expect([played.connections.length, played.stream.state]).to.deep.equal([1, 'waiting']);
    await clock.tickAsync(1_000);
    expect(played.connections).to.have.lengthOf(2);
    played.stream.stop();
  });

  it('asks for the session of another user until the response with its cookie has come', async () => {
    const played = new Played();
    played.stream.start();
    await clock.tickAsync(0);
    played.refusals = 2;
    played.send(`${OPEN}event: end\ndata: {"reason":"superseded"}\n\n`);
    await clock.tickAsync(1_000);
    expect(played.connections).to.have.lengthOf(2);
    await clock.tickAsync(2_000);
    expect(played.connections).to.have.lengthOf(3);
    await clock.tickAsync(4_000);
    played.send(OPEN);
    await clock.tickAsync(0);
    expect(played.stream.state).to.equal('open');
    expect(played.ends).to.deep.equal([['superseded', false]]);
    played.stream.stop();
  });

  it('gives the session of another user up at the third answer that there is none', async () => {
    const played = new Played();
    played.stream.start();
    await clock.tickAsync(0);
    played.refusals = 9;
    played.send(`${OPEN}event: end\ndata: {"reason":"superseded"}\n\n`);
    await clock.tickAsync(60_000);
    expect(played.connections).to.have.lengthOf(4);
    expect(played.ends).to.deep.equal([
      ['superseded', false],
      ['no session', true],
    ]);
    expect(played.stream.state).to.equal('idle');
  });

  it('asks again for each new user, not only for the first', async () => {
    const played = new Played();
    played.stream.start();
    await clock.tickAsync(0);
    for (let user = 0; user < 3; user += 1) {
      played.send(`${OPEN}event: end\ndata: {"reason":"superseded"}\n\n`);
      await clock.tickAsync(1_000);
    }
    expect(played.ends).to.deep.equal(Array(3).fill(['superseded', false]));
    expect(played.connections).to.have.lengthOf(4);
    played.stream.stop();
  });
});
