import { createServer } from 'node:http';
import { expect } from 'chai';
import { keepAsDictionary } from '../../../src/http/node/as-dictionary.js';

describe('keepAsDictionary', () => {
  it('leaves the object with the same properties and values', () => {
    const value = {};
    const message = { a: 1, res: value, b: 2 };
    keepAsDictionary(message, 'res');
    expect(message).to.deep.equal({ a: 1, res: value, b: 2 });
    expect(message.res).to.equal(value);
  });

  it('leaves a property alone that cannot be taken out', () => {
    const message = Object.freeze({ res: 1 });
    keepAsDictionary(message, 'res');
    expect(message).to.deep.equal({ res: 1 });
  });

  it('leaves a request of node:http working', async () => {
    const server = createServer((request, response) => {
      keepAsDictionary(request, 'url');
      keepAsDictionary(response, 'req');
      response.end(`${request.method} ${request.url} ${response.req === request}`);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const reply = await fetch(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/a?b=c`);
    expect(await reply.text()).to.equal('GET /a?b=c true');
    server.close();
    server.closeAllConnections();
  });
});
