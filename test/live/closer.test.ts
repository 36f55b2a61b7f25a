import { expect } from 'chai';
import { Closer } from '../../src/live/closer.js';
import { Connection } from '../../src/live/connection.js';
import { Doubts } from '../../src/live/doubts.js';
import { frame } from '../../src/live/wire.js';
import { ClientOfStream, processOf, STORAGES } from '../support/live-streams.js';

describe('the last event of a stream', () => {
  /** From a tenth of the longest pause on. */
  const USUAL = [200, 2_000] as const;

  const ENDS: readonly (readonly [
    end: (closer: Closer, connection: Connection) => void,
    type: string,
    reason: string,
    pause: readonly [number, number],
  ])[] = [
    [(closer, stream) => closer.conclude(stream, 'stolen'), 'end', 'stolen', USUAL],
    [(closer, stream) => closer.conclude(stream, 'locked'), 'end', 'locked', USUAL],
    [(closer, stream) => closer.conclude(stream, 'superseded'), 'end', 'superseded', [20, 200]],
    [(closer, stream) => closer.conclude(stream, 'drained'), 'end', 'drained', USUAL],
    [(closer, stream) => closer.sendAway(stream, 'drained'), 'reconnect', 'drained', USUAL],
    [(closer, stream) => closer.sendAway(stream, 'drained', 10), 'reconnect', 'drained', [1, 10]],
  ];

  it('is its own, however the streams before it ended', async () => {
    const [, storageOf] = STORAGES[0] ?? expect.fail('no storage');
    const process = processOf(storageOf());
    const session = await process.storage.get(await process.signIn());
    const closer = new Closer(() => undefined);
    const doubts = new Doubts();
    for (const [end, type, reason, [shortest, longest]] of ENDS) {
      const client = new ClientOfStream();
      const settings = { limit: 1_000, doubts, onOver: () => undefined };
      const connection = new Connection(session, { instance: 'tab', page: undefined }, client, 0, settings);
      connection.begin(frame('open', '{}'), new Map());
      end(closer, connection);
      await closer.settled();
      expect([client.types, client.last, client.ended]).to.deep.equal([['open', type], { reason }, 'end']);
      expect(client.retries.at(-1)).to.be.within(shortest, longest);
    }
    await process.live.close();
  });
});
