import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { expect } from 'chai';
import { createApp } from '../../examples/console/app.js';
import { createStorage } from '../../examples/console/storage.js';
import { blocksOf } from '../docs/blocks.js';
import { Curl, type CurlReply } from '../docs/curl.js';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const LINES = blocksOf('README.md', README, 'sh').flatMap(({ code }) =>
  code.split('\n').filter((line) => line.includes('curl ')),
);

describe("The README's curl lines", () => {
  let server: Server;
  const replies: CurlReply[] = [];

  before(async () => {
    const secret = 'a secret of the tests alone, long enough for a hash of 512 bits.';
    server = createServer(createApp({ sessionStorage: createStorage(secret) })).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const curl = new Curl(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`);
    for (const line of LINES) replies.push(await curl.run(line));
  });

  after(() => {
    server.close();
    server.closeAllConnections();
  });

  it('all succeed', () => {
    expect(replies.length).to.be.greaterThan(12);
    for (const { line, status } of replies) expect(status, line).to.be.oneOf([200, 204]);
  });

  it('answer what the README says they answer', () => {
    const told = replies.filter(({ expected }) => expected !== undefined);
    expect(told.length).to.equal(3);
    for (const { line, text, expected } of told) expect(text, line).to.equal(expected);
  });

  it('sign in by either transport, and find what was put in the session', () => {
    const signedIn = replies.filter(({ text }) => text.includes('"uid":"ada"'));
    expect(signedIn.some(({ line }) => line.includes('-b jar'))).to.equal(true);
    expect(signedIn.some(({ line, text }) => line.includes('$SID') && text.includes('"cart":["tea"]'))).to.equal(true);
  });
});
