import { expect } from 'chai';
import type { Kind } from '../../../bench/http/messages.js';
import type { Sample } from '../../../bench/http/served.js';
import { warmUp } from '../../../bench/http/warm-up.js';

const PLAN = { window: 400, requests: 4000, flat: 0.03, longest: 10 };

/** A server of which each request costs what `costs` says, window by window; the last figure stays. */
function serverWith(costs: Readonly<Record<Kind, readonly number[]>>) {
  const windows: Kind[] = [];
  return {
    windows,
    async measure(kind: Kind): Promise<Sample> {
      const at = windows.filter((window) => window === kind).length;
      windows.push(kind);
      const cpu = costs[kind].at(Math.min(at, costs[kind].length - 1)) ?? Number.NaN;
      return { requests: 100, rate: 250, user: cpu / 2, cpu };
    },
  };
}

describe('The warm-up of a server', () => {
  it('lasts until the cost of both kinds of requests is flat', async () => {
    const server = serverWith({ look: [200, 100, 99], change: [200, 150, 110, 108] });
    expect(await warmUp(server, { ...PLAN, requests: 1 })).to.equal(true);
    expect(server.windows).to.deep.equal(['look', 'change', 'look', 'change', 'look', 'change', 'look', 'change']);
  });

  it('has a least number of requests, however flat the cost is', async () => {
    const server = serverWith({ look: [100], change: [100] });
    expect(await warmUp(server, PLAN)).to.equal(true);
    expect(server.windows).to.have.lengthOf(40);
  });

  it('ends, and says so, where the cost does not become flat', async () => {
    const server = serverWith({ look: [100], change: Array.from({ length: 50 }, (_, at) => (at % 2 ? 100 : 120)) });
    expect(await warmUp(server, { ...PLAN, requests: 1 })).to.equal(false);
    expect(server.windows).to.have.lengthOf(20);
  });
});
