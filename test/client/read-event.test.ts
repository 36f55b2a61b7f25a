import { expect } from 'chai';
import fc from 'fast-check';
import { readEvent } from '../../src/client/read-event.js';
import type { WireEvent } from '../../src/live/wire-events.js';

const EVENTS: readonly WireEvent[] = [
  { type: 'open', data: { instance: 'a_B-9', session: 's', replayed: null } },
  { type: 'open', data: { instance: 'a'.repeat(64), session: 's', replayed: false } },
  { type: 'html', data: { html: '<p id="a"></p>' } },
  { type: 'path', data: { path: '/' } },
  { type: 'reload', data: {} },
  { type: 'cookie', data: { claim: 'c'.repeat(43) } },
  { type: 'message', data: { name: 'chat', data: [1, { a: null }] } },
  { type: 'missed', data: {} },
  { type: 'reconnect', data: { reason: 'drain' } },
  { type: 'end', data: { reason: 'revoked' } },
];

describe('An event of a stream', () => {
  for (const event of EVENTS) {
    it(`is read as it was sent: ${event.type}`, () => {
      expect(readEvent(event.type, JSON.stringify(event.data))).to.deep.equal(event);
    });
  }

  for (const [type, data] of [
    ['open', '{"session":"s","replayed":null}'],
    ['open', '{"instance":"a","replayed":null}'],
    ['open', '{"instance":"a"}'],
    ['open', '{"instance":"a","session":"s","replayed":1}'],
    ['open', `{"instance":"${'a'.repeat(65)}","session":"s","replayed":null}`],
    ['cookie', `{"claim":"${'c'.repeat(42)}"}`],
    ['cookie', `{"claim":"${'c'.repeat(42)}."}`],
    ['end', '{}'],
    ['message', '[]'],
    ['reload', '1'],
    ['reload', '{'],
    ['constructor', '{}'],
  ] as const) {
    it(`is ignored if it is malformed: ${type} ${data.slice(0, 30)}`, () => {
      expect(readEvent(type, data)).to.equal(undefined);
    });
  }

  it('never throws, and only has a type of the set', () => {
    const type = fc.oneof(fc.constantFrom(...EVENTS.map((event) => event.type)), fc.string());
    fc.assert(
      fc.property(type, fc.oneof(fc.json(), fc.string()), (name, data) => {
        const event = readEvent(name, data);
        if (event !== undefined) expect(event.type).to.equal(name);
      }),
    );
  });
});
