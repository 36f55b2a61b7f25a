import { expect } from 'chai';
import { type StreamOptions, streamRoute } from '../../src/http/stream-route.js';
import type { StreamSource } from '../../src/ports/stream.js';

/** The message of the error for these arguments, of which the types allow only some. */
function refusal(source: unknown, options?: unknown): string {
  try {
    Reflect.apply(streamRoute, undefined, [source, options]);
  } catch (error) {
    if (error instanceof TypeError) return error.message;
  }
  return 'no TypeError';
}

describe('stream', () => {
  const source: StreamSource = { open: () => undefined };

  it('accepts a source, and options', () => {
    const options: readonly (StreamOptions | undefined)[] = [
      undefined,
      {},
      { property: undefined },
      { property: 'account' },
    ];
    for (const one of options) expect(streamRoute(source, one)).to.have.property('answer');
  });

  it('refuses what is no source', () => {
    const expected = 'stream: expected a source of streams, such as LiveSessions, got ';
    expect(refusal(undefined)).to.equal(`${expected}undefined`);
    expect(refusal({})).to.equal(`${expected}an object`);
    expect(refusal(class LiveSessions {})).to.equal(`${expected}a class: call new`);
  });

  it('refuses options that it does not know, or of another kind', () => {
    expect(refusal(source, { propety: 'account' })).to.match(/^stream: .*"propety"/);
    expect(refusal(source, { property: '' })).to.equal('stream: option property: expected a name');
    expect(refusal(source, 'account')).to.match(/^stream: expected an object of options/);
  });
});
