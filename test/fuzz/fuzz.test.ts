import { randomInt } from 'node:crypto';
import { expect } from 'chai';
import { tries } from '../support/depth.js';
import { restoreGlobals } from '../support/web-app.js';
import { fuzz } from './fuzz.js';
import { KINDS } from './kinds.js';
import type { Target } from './target.js';
import type { Example } from './text.js';

/** Of each kind; `npm run fuzz` sends more. */
const COUNT = tries({ quick: 250, deep: 1000 });
/** ms; a machine that does other things too is slow. */
const LONGEST = 600_000;

describe('Hostile headers, to every adapter over tokens and a store (row 37, property)', function () {
  this.timeout(LONGEST);
  afterEach(restoreGlobals);

  for (const [name, examples] of Object.entries(KINDS)) {
    it(`open no session, cause no 500 and harm no other client: ${name}`, async () => {
      const outcome = await fuzz(examples, { count: COUNT, seed: randomInt(2 ** 31) });
      expect(outcome.violation).to.equal(undefined);
      expect(outcome.examples).to.equal(COUNT);
    });
  }
});

describe('The fuzzer', () => {
  const isBad = ({ lines }: Example): boolean => lines.some(({ value }) => value.includes('__proto__'));
  const seed = 1;

  /** A target that fails, by `fail`, for examples that are bad. */
  const fuzzWith = (fail: () => Partial<Awaited<ReturnType<Target['ask']>>>, harm?: () => string | undefined) => {
    const target: Target = {
      ask: async (example) => ({
        status: 200,
        isLetIn: false,
        problem: undefined,
        ...(isBad(example) && fail()),
      }),
      harm: async () => harm?.(),
      close: () => undefined,
    };
    return fuzz(KINDS['session header'] ?? expect.fail(), { count: COUNT, seed }, async () => [[target]]);
  };

  it('finds nothing where nothing is', async () => {
    const { examples, violation, statuses } = await fuzzWith(() => ({}));
    expect([examples, violation, [...statuses]]).to.deep.equal([COUNT, undefined, [[200, COUNT]]]);
  });

  it('shows the smallest example, printable and without the credentials, and how to send it again', async () => {
    const { violation } = await fuzzWith(() => ({ problem: 'status 500' }));
    const lines = violation?.split('\n') ?? [];
    expect(lines.slice(0, 4)).to.deep.equal([
      'status 500',
      '    GET /look',
      '    Host: shop.example:8443',
      '    Cookie: sid=<sid, whole (0, )>',
    ]);
    expect(lines.slice(4, -1)).to.include('    X-Session-Id: __proto__');
    expect(lines.at(-1)).to.match(/^ {4}\(--seed 1 --path [\d:]+\)$/);
    expect(violation).to.match(/^[\n -~]+$/);
  });

  it('finds an example that harms the good client, although nobody looked after it at once', async () => {
    let harmed = false;
    const { violation } = await fuzzWith(
      () => {
        harmed = true;
        return {};
      },
      () => {
        const text = harmed ? 'the good client is refused' : undefined;
        harmed = false;
        return text;
      },
    );
    expect(violation).to.match(/^the good client is refused\n {4}GET/);
    expect(violation).to.include('X-Session-Id: __proto__\n');
  });

  it('finds an example whose error nobody catches', async () => {
    const listeners = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    try {
      const { violation } = await fuzzWith(() => {
        void Promise.reject(new RangeError('nobody catches this'));
        return {};
      });
      expect(violation).to.include('RangeError: nobody catches this');
    } finally {
      for (const listener of listeners) process.on('unhandledRejection', listener);
    }
  });
});
