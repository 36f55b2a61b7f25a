import { expect } from 'chai';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import fc from 'fast-check';
import { type Block, BlockParser } from '../../src/client/block-parser.js';

/** What an independent parser finds. */
function reference(chunks: readonly string[]): { events: EventSourceMessage[]; retries: number[] } {
  const events: EventSourceMessage[] = [];
  const retries: number[] = [];
  const parser = createParser({ onEvent: (event) => events.push(event), onRetry: (retry) => retries.push(retry) });
  for (const chunk of chunks) parser.feed(chunk);
  return { events, retries };
}

function blocksIn(chunks: readonly string[]): Block[] {
  const parser = new BlockParser();
  return chunks.flatMap((chunk) => parser.parse(chunk));
}

const part = fc.constantFrom(
  'data: a',
  'data:b',
  'data:  c',
  'data',
  ': comment',
  'event: chat',
  'event',
  'id: 7',
  'id: a\0b',
  'retry: 50',
  'retry: soon',
  'other: 1',
  'data: {"a":":"}',
  'd',
);

describe('The parser of the client', () => {
  it('finds the same events as eventsource-parser, however the text is cut', () => {
    const line = fc.tuple(part, fc.constantFrom('\n', '\n\n', '\r\n', '\r\n\r\n'));
    const text = fc.array(line).map((lines) => lines.flat().join(''));
    fc.assert(
      fc.property(text, fc.array(fc.nat(200)), (whole, cuts) => {
        const at = [0, ...cuts.map((cut) => cut % (whole.length + 1)).sort((a, b) => a - b), whole.length];
        const chunks = at.slice(1).map((end, index) => whole.slice(at[index], end));
        const events = blocksIn(chunks).filter(({ data }) => data !== '');
        const expected = reference([whole]).events.filter(({ data }) => data !== '');
        expect(events.map(({ type, data, id }) => [type, data, id])).to.deep.equal(
          expected.map(({ event = 'message', data, id }) => [event || 'message', data, id]),
        );
      }),
    );
  });

  it('takes each line break that the specification allows, also cut in two', () => {
    const event = { type: 'a', data: 'b\nc', id: undefined, retry: undefined };
    for (const end of ['\n', '\r\n', '\r']) {
      const chunks = [...`event: a${end}data: b${end}data: c${end}${end}`];
      expect(blocksIn(chunks).slice(0, 1), JSON.stringify(end)).to.deep.equal([event]);
    }
  });

  it('returns the fields of a block without data, such as the pause', () => {
    expect(blocksIn(['retry: 50\n\n: beat\n\n'])).to.deep.equal([
      { type: 'message', data: '', id: undefined, retry: 50 },
      { type: 'message', data: '', id: undefined, retry: undefined },
    ]);
    expect(reference(['retry: 50\n\n']).retries).to.deep.equal([50]);
  });
});
