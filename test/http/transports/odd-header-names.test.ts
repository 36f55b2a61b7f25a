import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect } from 'chai';
import { NodeIncoming } from '../../../src/http/node/exchange.js';

describe('NodeIncoming.requestHeader', () => {
  it('finds nothing under names that every object has', () => {
    const request = new NodeIncoming(new IncomingMessage(new Socket()));
    for (const name of ['constructor', 'valueOf', '__proto__', 'toString']) {
      expect(request.requestHeader(name), name).to.equal(undefined);
    }
  });
});
