import type { ServerResponse } from 'node:http';
import { expect } from 'chai';
import { deferHead } from '../../../src/http/node/deferred-head.js';
import { answer503, ask, guardProcess, nextTurn, promised, serve } from '../../support/deferred-head.js';

/** What others may ask of a response, to know whether it was answered. */
const look = (response: ServerResponse) => [response.writableEnded, response.finished];

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
    expect(looks).to.deep.equal([
      [false, false],
      [true, true],
      [true, true],
    ]);
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
    expect(looks).to.deep.equal([
      [true, true],
      [false, false],
      [true, true],
    ]);
  });

  it('has no properties of its own left afterwards', async () => {
    let own: unknown;
    const port = await serve(async (_, response) => {
      deferHead(response, { commit: nextTurn, fail: answer503(response) });
      response.end('x');
      await nextTurn();
      await nextTurn();
      own = Object.getOwnPropertyDescriptor(response, 'writableEnded');
    });
    await ask(port);
    await nextTurn();
    expect(own).to.equal(undefined);
  });
});
