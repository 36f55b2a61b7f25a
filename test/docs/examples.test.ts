import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { GENERATED } from '../support/generated.js';
import { postgres } from '../support/servers/postgres.js';
import { sharedRedis } from '../support/servers/redis.js';
import { type Block, blocksOf, nameOf, programOf } from './blocks.js';
import { documentAt, pages, ROOT as root } from './documents.js';

const run = promisify(execFile);
const folder = `${GENERATED}examples/`;
const NODE_SQLITE = fileURLToPath(new URL('./node-sqlite.d.ts', import.meta.url));

/** Tests are for a runner, which test/testing gives them; here they are only compiled. */
const isTest = (block: Block): boolean => block.code.includes("'node:test'");

/** Examples that say something about every session of a program are compiled apart from the others. */
const isGlobal = (block: Block): boolean => block.code.includes('declare module');

/** The types of @hono/node-server need those of browsers, so the declarations of packages are not checked with these. */
const isOnHonoServer = (block: Block): boolean => block.code.includes("'@hono/node-server'");

async function compile(name: string, files: readonly string[], ...options: string[]): Promise<string> {
  const config = `${folder}tsconfig.${name}.json`;
  const all = [...files, NODE_SQLITE];
  await writeFile(config, JSON.stringify({ extends: '../../../tsconfig.json', include: [], files: all }));
  const tsc = `${root}node_modules/typescript/bin/tsc`;
  const outcome = run(process.execPath, [tsc, '-p', config, '--noUnusedLocals', 'false', ...options], { cwd: root });
  return await outcome.then(
    () => '',
    (error: unknown) =>
      typeof error === 'object' && error !== null && 'stdout' in error ? String(error.stdout) : String(error),
  );
}

describe('The examples in the documents', () => {
  const blocks: Block[] = [];
  const fileOf = (block: Block): string => {
    const { document, line } = block;
    return `${folder}${nameOf(block) ?? `${document.replace('.md', '').replaceAll('/', '-').toLowerCase()}-line-${line}.ts`}`;
  };
  let results: Record<string, string> = {};

  before(async function () {
    this.timeout(60_000);
    for (const { path, text } of [documentAt('README.md'), documentAt('SECURITY.md'), ...pages()]) {
      blocks.push(...blocksOf(path, text, 'ts'));
    }
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    for (const block of blocks) await writeFile(fileOf(block), programOf(block.code));
    // Those in stores have their servers, of their own.
    const { port } = await sharedRedis(this);
    const { address } = await postgres(this);
    const programs = blocks.filter((block) => !isTest(block));
    const { stdout } = await run(
      process.execPath,
      ['--import', 'tsx/esm', fileURLToPath(new URL('./run-examples.ts', import.meta.url)), ...programs.map(fileOf)],
      {
        cwd: root,
        env: {
          ...process.env,
          SESSION_SECRET: 'the examples sign with this, and nothing else in the world does so',
          REDIS_URL: `redis://127.0.0.1:${port}`,
          DATABASE_URL: `postgres://${address.user}@${address.host}:${address.port}/${address.database}`,
        },
      },
    );
    // Programs print, too.
    results = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  });

  it('are there', () => {
    expect(blocks.length).to.be.greaterThan(8);
  });

  it('run, and give what they say', () => {
    for (const block of blocks.filter((one) => !isTest(one)))
      expect(results[fileOf(block)], `${block.document}:${block.line}`).to.equal('ok');
  });

  it('compile', async function () {
    this.timeout(60_000);
    const plain = blocks.filter((block) => !isGlobal(block));
    const texts = await Promise.all([
      compile('plain', plain.filter((block) => !isOnHonoServer(block)).map(fileOf)),
      compile('hono', plain.filter(isOnHonoServer).map(fileOf), '--skipLibCheck'),
      ...blocks.filter(isGlobal).map(async (block) => {
        const use = `${fileOf(block)}.use.ts`;
        await writeFile(use, REGISTERED);
        return await compile(`global-${block.line}`, [fileOf(block), use], '--skipLibCheck');
      }),
    ]);
    expect(texts.join('')).to.equal('');
  });
});

/** What registering types must lead to: it compiles only when the merged interface has reached the sessions. */
const REGISTERED = `
import type { Request } from 'express';
import 'sessions-jwt/express';
export function use(request: Request): string {
  const name: string | undefined = request.session.userData.name;
  // @ts-expect-error there is no such data
  request.session.sessionData.carrot;
  return name ?? request.session.sessionData.cart.join(',');
}
`;
