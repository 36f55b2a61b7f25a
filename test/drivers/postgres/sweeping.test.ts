import { expect } from 'chai';
import fc from 'fast-check';
import sinon from 'sinon';
import { type RunStep, Sweeping } from '../../../src/drivers/postgres/sweeping.js';

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;

/** An index of entries at these instants, none of which leads to a row. A search that passes over more than `most` of them fails after 2 s. */
function deadIndex(instants: readonly number[], most: number): RunStep {
  return async ({ from, to }) => {
    const passed = instants.filter((instant) => instant >= from && instant <= to).length;
    if (passed > most) await failLate();
    sinon.clock.tick((passed / most) * 1_000);
    return [{ id: null, taken: '0', next: null }];
  };
}

async function failLate(): Promise<never> {
  sinon.clock.tick(2_000);
  throw new Error('too late');
}

/** How many calls fail before one succeeds; at most 50. */
async function failures(sweeping: Sweeping, run: RunStep): Promise<number> {
  for (let count = 0; count < 50; count += 1) {
    const outcome = await sweeping.sweep(NOW, 10, run).catch(() => 'failed');
    if (outcome !== 'failed') return count;
  }
  return Number.POSITIVE_INFINITY;
}

describe('PostgresStore: a sweep among more dead index entries than fit in the deadline', () => {
  beforeEach(() => {
    sinon.useFakeTimers({ toFake: ['performance'] });
  });

  afterEach(() => sinon.restore());

  it('succeeds after few calls, and then each time', async () => {
    const instants = Array.from({ length: 10_000 }, (_, index) => NOW - index * 1_000);
    const sweeping = new Sweeping();
    const run = deadIndex(instants, 2_600);
    expect(await failures(sweeping, run)).to.be.within(1, 3);
    expect(await failures(sweeping, run)).to.equal(0);
    expect(await failures(sweeping, run)).to.equal(0);
  });

  it('succeeds wherever they lie', async () => {
    const block = fc.record({ end: fc.integer({ min: 0, max: 1_000 }), length: fc.integer({ min: 1, max: 48 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(block, { minLength: 1, maxLength: 4 }), async (blocks) => {
        const instants = blocks.flatMap(({ end, length }) =>
          Array.from({ length: 500 }, (_, index) => NOW - end * HOUR - Math.floor((index * length * HOUR) / 500)),
        );
        expect(await failures(new Sweeping(), deadIndex(instants, instants.length / 2))).to.be.below(50);
      }),
    );
  });

  it('changes nothing when it fails at once, as without a connection', async () => {
    const sweeping = new Sweeping();
    const down = (): Promise<never> => Promise.reject(new Error('down'));
    await sweeping.sweep(NOW, 10, down).catch(() => undefined);
    const asked: unknown[] = [];
    await sweeping.sweep(NOW, 10, async (step) => {
      asked.push(step.to);
      return [{ id: null, taken: '0', next: null }];
    });
    expect(asked).to.deep.equal([NOW]);
  });

  it('asks a bounded number of times after any number of failures, and then once again', async () => {
    const sweeping = new Sweeping();
    for (let call = 0; call < 500; call += 1) {
      await sweeping.sweep(NOW + call, 10, failLate).catch(() => undefined);
    }
    const asked = [0, 0];
    for (const call of asked.keys()) {
      await sweeping.sweep(NOW + HOUR, 10, async () => {
        asked[call] = (asked[call] ?? 0) + 1;
        return [{ id: null, taken: '0', next: null }];
      });
    }
    expect(asked[0]).to.be.within(2, 210);
    expect(asked[1], 'once there is little to pass over').to.equal(1);
  });
});
