import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { GENERATED } from '../support/generated.js';
import { blocksOf, programOf } from './blocks.js';
import { Curl, type CurlReply } from './curl.js';
import { documentAt } from './documents.js';
import { tablesIn } from './markdown.js';

describe('The README', () => {
  const { text } = documentAt('README.md');

  it('stays short: what takes longer has a page of its own', () => {
    expect(text.split('\n').length).to.be.at.most(200);
  });

  it('quotes figures that the newest benchmark results have', () => {
    const [speed] = tablesIn(text, /^\| (measured) \|/);
    const figures = speed?.rows.flatMap(([, ...cells]) => cells.join(' ').match(/\d+(?:\.\d+)?/g) ?? []) ?? [];
    expect(figures.length).to.be.greaterThan(15);
    const results = new Set(documentAt('bench/results.md').text.match(/\d+(?:\.\d+)?/g));
    expect(figures.filter((figure) => !results.has(figure))).to.deep.equal([]);
  });
});

describe('The program of the README', () => {
  const { text } = documentAt('README.md');
  const folder = pathToFileURL(`${GENERATED}readme/`);
  const lines = blocksOf('README.md', text, 'sh').flatMap(({ code }) => code.split('\n'));
  const replies: CurlReply[] = [];
  let server: Server;

  before(async () => {
    const [program] = blocksOf('README.md', text, 'ts');
    await mkdir(folder, { recursive: true });
    const file = new URL('program.ts', folder);
    await writeFile(file, programOf(program?.code ?? '').replace('app.listen', 'export const server = app.listen'));
    process.env['SESSION_SECRET'] = 'the program of the README signs with this, and nothing else does so';
    ({ server } = await import(file.href));
    if (!server.listening) await once(server, 'listening');
    const address: AddressInfo | string | null = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const curl = new Curl(`http://127.0.0.1:${address.port}`);
    for (const line of lines) {
      if (line.startsWith('curl ')) replies.push(await curl.run(line));
      if (line.startsWith('cp ')) curl.copyJar(line.replace(/\s+#.*/, ''));
    }
  });

  after(async () => {
    delete process.env['SESSION_SECRET'];
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true });
  });

  it('answers the curl lines below it as their comments say', () => {
    expect(replies.length).to.equal(4);
    for (const { line, text: answer, expected } of replies) expect(answer, line).to.equal(expected?.split(': the')[0]);
  });
});
