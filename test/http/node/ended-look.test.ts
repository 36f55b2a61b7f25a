import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { expect } from 'chai';
import { deferHead } from '../../../src/http/node/deferred-head.js';
import { answer503, ask, guardProcess, nextTurn, promised, serve } from '../../support/deferred-head.js';

/** What others ask of a response, to know whether it was answered. */
const look = (response: ServerResponse) => response.writableEnded;

describe('A response whose end() waits for an asynchronous commit', () => {
  guardProcess();

  it('looks ended, as Node’s own does', async () => {
    const looks: unknown[] = [];
    const port = await serve(async (_, response) => {
      deferHead(response, { commit: nextTurn, fail: answer503(response) });
      looks.push(look(response));
      response.end('x');
      looks.push(look(response));
      await nextTurn();
      await nextTurn();
      looks.push(look(response));
    });
    expect((await ask(port)).text).to.equal('x');
    await nextTurn();
    expect(looks).to.deep.equal([false, true, true]);
  });

  it('looks open again when the commit failed, until the error is answered', async () => {
    const looks: unknown[] = [];
    const commit = promised();
    const port = await serve((_, response) => {
      const answer = answer503(response);
      const fail = () => {
        looks.push(look(response));
        answer();
        looks.push(look(response));
      };
      deferHead(response, { commit: () => commit.promise, fail });
      response.end('x');
      looks.push(look(response));
      commit.reject(new Error('down'));
    });
    expect((await ask(port)).text).to.equal('no store');
    expect(looks).to.deep.equal([true, false, true]);
  });

  it('is not cut off by server.close()', async () => {
    const commit = promised();
    const server = createServer((_, response) => {
      deferHead(response, { commit: () => commit.promise, fail: answer503(response) });
      response.end('x');
      // Once the request has been read: until then, its connection counts as busy anyway.
      setImmediate(() => {
        server.close();
        commit.resolve();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { text } = await ask(Number(Reflect.get(Object(server.address()), 'port')));
    server.closeAllConnections();
    expect(text).to.equal('x');
  });

  it('has its own property back, if it had one', async () => {
    const looks: unknown[] = [];
    const port = await serve(async (_, response) => {
      const commit = promised();
      Object.defineProperty(response, 'writableEnded', { writable: true, configurable: true, value: 'own' });
      deferHead(response, { commit: () => commit.promise, fail: answer503(response) });
      response.end('x');
      looks.push(look(response));
      commit.resolve();
      await nextTurn();
      looks.push(look(response));
    });
    await ask(port);
    expect(looks).to.deep.equal([true, 'own']);
  });
});
