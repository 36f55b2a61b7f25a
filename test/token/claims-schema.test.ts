import { expect } from 'chai';
import fc from 'fast-check';
import { LONGEST_LIFE } from '../../src/session/expiry.js';
import { type Claims, type Parties, readClaims, writeClaims } from '../../src/token/claims.js';
import { claimsSchema } from '../../src/token/claims-schema.js';
import { Refusal } from '../../src/token/refusal.js';

const NOW = 1_700_000_000_000;
const SKEW = 1000;
const NOBODY = { issuer: undefined, audience: undefined };
const PARTIES = { issuer: 'us', audience: 'you' };

const FULL: Claims = {
  id: 'id',
  lineage: 'lineage',
  uid: 'u1',
  sessionData: { cart: [] },
  userData: { name: 'Ada' },
  created: NOW - 5,
  lastAccess: NOW - 1,
  lastUpdate: NOW - 2,
  since: NOW - 4,
  authenticatedAt: NOW - 3,
  life: { idleTimeout: 1, absoluteTimeout: null, persistent: true },
  info: { device: 'lamp' },
  expires: NOW + 5000,
};

/** Values around the edges that claims have, and any others. */
const EDGES: readonly unknown[] = [
  undefined,
  null,
  '',
  'id',
  'x'.repeat(255),
  'x'.repeat(256),
  '\ud800',
  'a\0',
  'us',
  'you',
  true,
  -1,
  -0,
  0,
  0.5,
  1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  NOW,
  NOW + SKEW,
  NOW + SKEW + 1,
  (NOW + SKEW) / 1000,
  (NOW + SKEW + 1) / 1000,
  Number.MAX_SAFE_INTEGER,
  Number.MAX_SAFE_INTEGER + 1,
  {},
  Object.create(null),
  [],
  ['you'],
  ['us'],
  new Map(),
  new Date(0),
  10n,
  { idleTimeout: LONGEST_LIFE, absoluteTimeout: null },
  { idleTimeout: LONGEST_LIFE + 1 },
  { idleTimeout: 0 },
  { idleTimeout: 1.5 },
  { idleTimeout: '1' },
  { absoluteTimeout: 1, persistent: false },
  { persistent: undefined },
  { persistent: null },
  { unknown: 1 },
  { toString: 1 },
  JSON.parse('{"__proto__":1}'),
];
const edge = fc.constantFrom(...EDGES);
const value = fc.oneof({ weight: 4, arbitrary: edge }, fc.jsonValue(), fc.anything({ withNullPrototype: true }));
const ALL_PARTIES: readonly Parties[] = [NOBODY, PARTIES, { ...NOBODY, issuer: 'us' }, { ...NOBODY, audience: 'you' }];
const parties = fc.constantFrom(...ALL_PARTIES);
/** Each party with its schema, because making one costs more than using it. */
const JUDGES = ALL_PARTIES.map((party) => ({ party, schema: claimsSchema(party, NOW + SKEW) }));
const judges = fc.constantFrom(...JUDGES);
const NAMES = [...Object.keys(JSON.parse(writeClaims(FULL, PARTIES, NOW))), 'nbf', 'stranger', 'constructor'];
/** A good payload for some parties, in which a few claims are other than they were. */
const payload = fc
  .tuple(parties, fc.array(fc.tuple(fc.constantFrom(...NAMES), value), { maxLength: 3 }))
  .map(([writer, changes]): unknown => ({
    ...JSON.parse(writeClaims(FULL, writer, NOW)),
    ...Object.fromEntries(changes),
  }));

function isRead(given: unknown, party: Parties): boolean {
  return !(readClaims(given, party, NOW, SKEW) instanceof Refusal);
}

function problemsOf(given: unknown): string[] {
  const { error } = claimsSchema(NOBODY, NOW + SKEW).safeParse(given);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('claimsSchema', () => {
  it('agrees with readClaims on each edge of each claim', () => {
    for (const { party, schema } of JUDGES) {
      const good: Record<string, unknown> = JSON.parse(writeClaims(FULL, party, NOW));
      expect(isRead(good, party)).to.equal(true);
      for (const name of NAMES) {
        for (const [index, given] of EDGES.entries()) {
          const changed = { ...good, [name]: given };
          const what = `${name}, edge ${index}, ${JSON.stringify(party)}`;
          expect(schema.safeParse(changed).success, what).to.equal(isRead(changed, party));
        }
      }
    }
  });

  it('takes the payloads that readClaims takes, and no others', () => {
    const seen = { taken: 0, refused: 0 };
    fc.assert(
      fc.property(fc.oneof({ weight: 20, arbitrary: payload }, value), judges, (given, { party, schema }) => {
        const read = isRead(given, party);
        seen[read ? 'taken' : 'refused'] += 1;
        expect(schema.safeParse(given).success).to.equal(read);
      }),
      { numRuns: 2000 },
    );
    expect(seen.taken).to.be.greaterThan(100);
    expect(seen.refused).to.be.greaterThan(100);
  });

  it('knows every claim that is written', () => {
    const written: Record<string, unknown> = JSON.parse(writeClaims(FULL, PARTIES, NOW));
    const { data } = claimsSchema(PARTIES, NOW + SKEW).safeParse(written);
    expect(data).to.deep.equal(written);
  });

  it('names the claim that is wrong, and the place within it', () => {
    const good: Record<string, unknown> = JSON.parse(writeClaims(FULL, NOBODY, NOW));
    const wrong: readonly (readonly [string, unknown, string])[] = [
      ['jti', undefined, 'jti'],
      ['jti', '', 'jti'],
      ['uid', 7, 'uid'],
      ['sessionData', 'text', 'sessionData'],
      ['userData', [], 'userData'],
      ['created', '1', 'created'],
      ['luat', NOW + SKEW + 1, 'luat'],
      ['lmat', -1, 'lmat'],
      ['iat', NOW, 'iat'],
      ['nbf', 'soon', 'nbf'],
      ['exp', '1', 'exp'],
      ['aud', 'you', 'aud'],
      ['lin', 1, 'lin'],
      ['since', 0.5, 'since'],
      ['auth', null, 'auth'],
      ['info', null, 'info'],
      ['life', { idleTimeout: 0 }, 'life.idleTimeout'],
      ['life', { forever: true }, 'life'],
    ];
    for (const [claim, given, place] of wrong) {
      const problems = problemsOf({ ...good, [claim]: given });
      expect(problems, claim).to.have.length(1);
      expect(problems[0], claim).to.match(new RegExp(`^${place}: must `));
    }
    expect(problemsOf(good)).to.deep.equal([]);
  });

  it('says of what is no object just that', () => {
    for (const given of [null, undefined, [], 'text', 1])
      expect(problemsOf(given)).to.deep.equal([': must be a JSON object']);
  });

  it('never shows a value', () => {
    fc.assert(
      fc.property(fc.constantFrom('jti', 'uid', 'created', 'life', 'aud', 'exp'), (claim) => {
        const problems = problemsOf({ ...JSON.parse(writeClaims(FULL, NOBODY, NOW)), [claim]: ['password hunter2'] });
        expect(problems).to.have.length(1);
        expect(problems.join()).not.to.include('hunter2');
      }),
    );
  });
});
