import { mkdir, rm, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import express from 'express';
import { Service } from '../../src/foxx/index.js';
import { GENERATED } from '../support/generated.js';
import { blocksOf } from './blocks.js';
import { documentAt } from './documents.js';

const folder = `${GENERATED}foxx/`;

describe('The Foxx service in the documents', () => {
  before(async () => {
    const { path, text } = documentAt('docs/foxx.md');
    const [manifest] = blocksOf(path, text, 'json');
    const [controller] = blocksOf(path, text, 'ts');
    await mkdir(`${folder}controllers`, { recursive: true });
    await writeFile(`${folder}manifest.json`, manifest?.code.replace('account.js', 'account.ts') ?? '');
    await writeFile(`${folder}controllers/account.ts`, controller?.code ?? '');
  });

  after(() => rm(folder, { recursive: true, force: true }));

  it('runs on the service that this package is', async () => {
    const sessions = await Service.load(new URL('../../manifest.json', import.meta.url), {
      configuration: { jwtSecret: 'the documents sign with this, and nothing else in the world does so' },
    });
    const guestbook = await Service.load(`${folder}manifest.json`, { mount: '/guestbook', dependencies: { sessions } });
    expect(guestbook.missing).to.deep.equal([]);

    const server = express().use(guestbook.mount, guestbook.router).listen(0, '127.0.0.1');
    try {
      await new Promise((resolve) => server.once('listening', resolve));
      const address = server.address();
      const base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/guestbook`;
      expect((await fetch(`${base}/me`)).status).to.equal(401);
      const signedIn = await fetch(`${base}/sign-in`, { method: 'POST' });
      const cookie = signedIn.headers
        .getSetCookie()
        .map((line) => line.split(';')[0])
        .join('; ');
      expect(await (await fetch(`${base}/me`, { headers: { cookie } })).json()).to.deep.equal({ name: 'Ada' });
    } finally {
      server.close();
    }
  });
});
