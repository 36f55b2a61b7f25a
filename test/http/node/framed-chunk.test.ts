import { expect } from 'chai';
import fc from 'fast-check';
import { framedChunk } from '../../../src/http/node/framed-chunk.js';

/** The payload of one chunk (RFC 9112 section 7.1). */
function payloadOf(framed: Buffer): Buffer {
  const lineEnd = framed.indexOf('\r\n');
  const length = Number.parseInt(framed.toString('latin1', 0, lineEnd), 16);
  expect(framed.length).to.equal(lineEnd + 2 + length + 2);
  expect(framed.toString('latin1', framed.length - 2)).to.equal('\r\n');
  return framed.subarray(lineEnd + 2, lineEnd + 2 + length);
}

describe('framedChunk', () => {
  it('frames bytes and text, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.string({ minLength: 1, unit: 'binary' }), (bytes, text) => {
        expect(payloadOf(Buffer.from(framedChunk(bytes)))).to.deep.equal(Buffer.from(bytes));
        expect(payloadOf(Buffer.from(framedChunk(text)))).to.deep.equal(Buffer.from(text));
      }),
    );
  });

  it('frames the same bytes once', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const framed = framedChunk(bytes);
    expect(framedChunk('text')).to.equal('4\r\ntext\r\n');
    expect(framedChunk(bytes)).to.equal(framed);
    expect(framedChunk(Uint8Array.of(1, 2, 3))).not.to.equal(framed);
  });
});
