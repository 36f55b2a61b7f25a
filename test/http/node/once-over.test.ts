import { once } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import { connect, Socket } from 'node:net';
import { expect } from 'chai';
import { onceOver } from '../../../src/http/node/once-over.js';
import { guardProcess, nextTurn, promised, serve } from '../../support/deferred-head.js';

const MANY = 30;

/** A server that listens to the end of each response, and a client that sends many requests at once. */
async function pipelined(answer: (responses: readonly ServerResponse[]) => void) {
  const responses: ServerResponse[] = [];
  const all = promised();
  const over = new Set<ServerResponse>();
  let incoming: IncomingMessage | undefined;
  const port = await serve((request, response) => {
    incoming = request;
    onceOver(response, request.socket, () => over.add(response));
    if (responses.push(response) < MANY) return;
    all.resolve();
    answer(responses);
  });
  const client = connect(port, '127.0.0.1');
  client.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(MANY));
  await all.promise;
  if (incoming === undefined) throw new Error('no request');
  return { client, socket: incoming.socket, over };
}

describe('onceOver', () => {
  guardProcess();

  it('listens once to a connection that many responses wait for', async () => {
    const { client, socket, over } = await pipelined(() => undefined);
    // Node's own are among them, and it warns of more than ten.
    expect(socket.listenerCount('close')).to.be.at.most(10);
    client.destroy();
    await once(socket, 'close');
    expect(over.size).to.equal(MANY);
  });

  it('leaves no listener on the connection once the responses are over', async () => {
    let before = 0;
    const { client, socket, over } = await pipelined((responses) => {
      before = responses[0]?.req.socket.listenerCount('close') ?? 0;
      for (const response of responses) response.end();
    });
    while (over.size < MANY) await once(client, 'data');
    expect(socket.listenerCount('close')).to.be.below(before);
  });

  it('hears that a response outside a server was sent, which nothing closes', async () => {
    const incoming = new IncomingMessage(new Socket());
    const response = new ServerResponse(incoming);
    const ignore = (): void => undefined;
    const write = (_chunk: unknown, _encoding: unknown, done: unknown): void => {
      if (typeof done === 'function') done();
    };
    // The least that such platforms give a response.
    const socket = { _writableState: {}, writable: true, on: ignore, cork: ignore, uncork: ignore, write };
    Reflect.apply(response.assignSocket, response, [socket]);
    const overs: string[] = [];
    onceOver(response, incoming.socket, () => overs.push('first'));
    response.end('x');
    await nextTurn();
    expect(overs).to.deep.equal(['first']);
    onceOver(response, incoming.socket, () => overs.push('late'));
    await nextTurn();
    expect(overs).to.deep.equal(['first', 'late']);
    expect(response.listenerCount('finish')).to.equal(0);
  });
});
