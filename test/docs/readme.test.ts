import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { ExampleProgram } from '../examples/example-program.js';
import { newFolder } from '../support/generated.js';
import { blocksOf } from './blocks.js';
import { Curl } from './curl.js';
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

describe('The program of the README', function () {
  // Each test starts the program twice.
  this.timeout(60_000);

  const { text } = documentAt('README.md');
  const lines = blocksOf('README.md', text, 'sh').flatMap(({ code }) => code.split('\n'));
  const requests = lines.filter((line) => /^(?:curl|cp) /.test(line));
  const programs: ExampleProgram[] = [];
  let folder = '';

  beforeEach(async () => {
    folder = await newFolder('readme');
    await writeFile(join(folder, 'app.mjs'), appOf(text));
  });

  afterEach(async () => {
    await Promise.all(programs.splice(0).map((program) => program.stop('SIGKILL')));
    await rm(folder, { recursive: true });
  });

  /** Starts it as the README says, in a folder of its own, with the same secret each time. */
  async function start(): Promise<{ readonly program: ExampleProgram; readonly address: string }> {
    const env = { SESSION_SECRET: 'the program of the README signs with this, and nothing else does so' };
    const program = new ExampleProgram([join(folder, 'app.mjs')], env, folder);
    programs.push(program);
    return { program, address: await program.address };
  }

  async function follow(curl: Curl, some: readonly string[]): Promise<void> {
    for (const line of some) {
      if (line.startsWith('cp ')) curl.copyJar(line.replace(/\s+#.*/, ''));
      else {
        const { text: answer, expected } = await curl.run(line);
        expect(answer, line).to.equal(expected?.split(': the')[0]);
      }
    }
  }

  it('answers the curl lines below it as their comments say', async () => {
    const { address } = await start();
    expect(requests.length).to.equal(5);
    await follow(new Curl(address), requests);
  });

  it('answers them likewise with its sessions in a store', async () => {
    const [program = '', store = ''] = blocksOf('README.md', text, 'ts').map(({ code }) => code);
    const changed = store + program.slice(program.indexOf('const app = '));
    await writeFile(join(folder, 'app.mjs'), onFreePort(changed));
    const { address } = await start();
    await follow(new Curl(address), requests);
  });

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    it(`refuses the copy of a signed-out cookie after a restart, too: ${signal}`, async () => {
      const { program, address } = await start();
      const curl = new Curl(address);
      await follow(curl, requests);
      // A sign-in that has not ended shows that the secret is the same.
      await curl.run('curl -c other -X POST http://127.0.0.1:3000/sign-in');
      await program.stop(signal);
      curl.base = (await start()).address;
      await follow(curl, requests.slice(-1));
      expect((await curl.run('curl -b other http://127.0.0.1:3000/me')).text).to.equal('{"uid":"u1"}');
    });
  }
});

/** The program. On a Node without `node:sqlite`, with the first line that the README names for it. */
function appOf(text: string): string {
  const [program] = blocksOf('README.md', text, 'ts');
  const [first = '', ...others] = (program?.code ?? '').split('\n');
  const [, substitute = ''] = /replace the first line by\s+`([^`]+)`/.exec(text) ?? [];
  expect(first).to.match(/^import .* from 'node:sqlite';/);
  expect(substitute).to.match(/^import /);
  const hasSqlite = process.getBuiltinModule('node:sqlite') !== undefined;
  return onFreePort([hasSqlite ? first : substitute, ...others].join('\n'));
}

/** It prints its address. */
function onFreePort(program: string): string {
  const print = "() => console.log('http://127.0.0.1:' + server.address().port)";
  return program.replace('app.listen(3000);', `const server = app.listen(0, '127.0.0.1', ${print});`);
}
