import { expect } from 'chai';
import { blocksOf } from '../docs/blocks.js';
import { Curl, type CurlReply } from '../docs/curl.js';
import { documentAt } from '../docs/documents.js';
import { ConsoleBench } from './console-bench.js';

const { path, text: page } = documentAt('docs/getting-started.md');
const LINES = blocksOf(path, page, 'sh').flatMap(({ code }) =>
  code.split('\n').filter((line) => line.includes('curl ')),
);

describe('The curl lines of the page for a start', () => {
  const bench = new ConsoleBench('server');
  const replies: CurlReply[] = [];

  before(async () => {
    await bench.start();
    const curl = new Curl(bench.base);
    for (const line of LINES) replies.push(await curl.run(line));
  });

  after(() => bench.stop());

  it('all succeed, except for the one that has no token', () => {
    expect(replies.length).to.be.greaterThan(14);
    const refused = replies.filter(({ line }) => line.includes(' # 403: '));
    expect(refused.map(({ status, text }) => [status, JSON.parse(text).reason])).to.deep.equal([
      [403, 'token_missing'],
    ]);
    for (const reply of replies) {
      if (!refused.includes(reply)) expect(reply.status, reply.line).to.be.oneOf([200, 204]);
    }
  });

  it('answer what their comments say', () => {
    const told = replies.filter(({ expected }) => expected !== undefined);
    expect(told.length).to.equal(4);
    for (const { line, text, expected } of told) expect(text, line).to.equal(expected);
  });

  it('sign in by either transport, and find what was put in the session', () => {
    const signedIn = replies.filter(({ text }) => text.includes('"uid":"ada"'));
    expect(signedIn.some(({ line }) => line.includes('-b jar'))).to.equal(true);
    expect(signedIn.some(({ line, text }) => line.includes('$SID') && text.includes('"cart":["tea"]'))).to.equal(true);
  });
});
