import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect } from 'chai';
import express5 from 'express';
import { deferHead } from '../../../src/http/node/deferred-head.js';
import { ask, guardProcess, modes, nextTurn, serve, withCookie } from '../../support/deferred-head.js';

const express4: typeof express5 = createRequire(import.meta.url)('express4');

describe('deferHead', () => {
  guardProcess();

  for (const [version, express] of [
    ['Express 5', express5],
    ['Express 4', express4],
  ] as const) {
    for (const mode of modes) {
      describe(`under ${version} with a ${mode} commit`, () => {
        const failure = Object.assign(new Error('store down'), { status: 503 });
        let directory = '';
        let failing = false;
        let port = 0;
        const file = Buffer.alloc(300_000, 'file!');

        before(async () => {
          directory = await mkdtemp(join(tmpdir(), 'deferred-head-'));
          await writeFile(join(directory, 'page.txt'), file);
        });
        after(() => rm(directory, { recursive: true }));

        beforeEach(async () => {
          failing = false;
          const app = express().set('env', 'test');
          app.use((_, response, next) => {
            const { commit } = withCookie(response, mode);
            const refuse = (): void | Promise<void> => {
              if (mode === 'synchronous') throw failure;
              return nextTurn().then(() => Promise.reject(failure));
            };
            deferHead(response, { commit: failing ? refuse : commit, fail: next });
            next();
          });
          app.get('/json', (_, response) => void response.json({ a: 1 }));
          app.get('/send', (_, response) => void response.send('hello'));
          app.get('/redirect', (_, response) => void response.redirect('/send'));
          app.get('/file', (_, response) => void response.sendFile(join(directory, 'page.txt')));
          app.get('/pipe', (_, response) => void Readable.from([file, file]).pipe(response));
          app.get('/throws', () => {
            throw new Error('handler');
          });
          app.get('/partial', (_, response) => {
            response.write('begin');
            throw new Error('handler');
          });
          const recover: express5.ErrorRequestHandler = (error, _, response, next) => {
            if (response.headersSent) return next(error);
            response.status(error.status ?? 500).json({ error: error.message });
          };
          app.use(recover);
          port = await serve(app);
        });

        it('sends JSON', async () => {
          const answer = await ask(port, { path: '/json' });
          expect([answer.status, answer.text]).to.deep.equal([200, '{"a":1}']);
          expect(answer.headers['set-cookie']).to.deep.equal(['sid=1']);
          expect(answer.headers['content-length']).to.equal('7');
        });

        it('answers 304 to a matching ETag', async () => {
          const { etag } = (await ask(port, { path: '/send' })).headers;
          const answer = await ask(port, { path: '/send', headers: { 'If-None-Match': String(etag) } });
          expect([answer.status, answer.text, answer.headers.etag]).to.deep.equal([304, '', etag]);
          expect(answer.headers['set-cookie']).to.deep.equal(['sid=1']);
        });

        it('redirects', async () => {
          const answer = await ask(port, { path: '/redirect' });
          expect([answer.status, answer.headers.location]).to.deep.equal([302, '/send']);
          expect(answer.headers['set-cookie']).to.deep.equal(['sid=1']);
        });

        it('sends a file, and a range of it', async () => {
          const whole = await ask(port, { path: '/file' });
          expect(whole.body.equals(file)).to.equal(true);
          expect(whole.headers['set-cookie']).to.deep.equal(['sid=1']);
          const part = await ask(port, { path: '/file', headers: { Range: 'bytes=5-9' } });
          expect([part.status, part.text]).to.deep.equal([206, 'file!']);
        });

        it('pipes', async () => {
          const answer = await ask(port, { path: '/pipe' });
          expect(answer.body.equals(Buffer.concat([file, file]))).to.equal(true);
        });

        it('answers HEAD without a body', async () => {
          const answer = await ask(port, { path: '/json', method: 'HEAD' });
          expect([answer.text, answer.headers['content-length']]).to.deep.equal(['', '7']);
        });

        it('commits for an error of the application too', async () => {
          const answer = await ask(port, { path: '/throws' });
          expect([answer.status, answer.text]).to.deep.equal([500, '{"error":"handler"}']);
          expect(answer.headers['set-cookie']).to.deep.equal(['sid=1']);
        });

        if (mode === 'synchronous') {
          it('cuts a response that fails after its first bytes, as Express does', async () => {
            const outgoing = request({ host: '127.0.0.1', port, path: '/partial' }).end();
            const failed = await once(outgoing, 'response')
              .then(
                ([incoming]: IncomingMessage[]) => buffer(incoming ?? Readable.from([])),
                (error: unknown) => Promise.reject(error),
              )
              .then(
                () => undefined,
                (error: unknown) => error,
              );
            expect(failed).to.have.property('code', 'ECONNRESET');
          });
        } else {
          it('answers with the whole error when the first bytes have not been sent', async () => {
            const answer = await ask(port, { path: '/partial' });
            expect([answer.status, answer.text]).to.deep.equal([500, '{"error":"handler"}']);
            expect(answer.headers['set-cookie']).to.deep.equal(['sid=1']);
          });
        }

        for (const path of ['/json', '/send', '/redirect', '/file', '/pipe']) {
          it(`hands a failed commit of ${path} to the error handler`, async () => {
            failing = true;
            const answer = await ask(port, { path });
            expect([answer.status, answer.text]).to.deep.equal([503, '{"error":"store down"}']);
            expect(answer.headers['cache-control']).to.equal('private, no-store');
            expect(answer.headers).to.not.have.any.keys('location', 'last-modified', 'accept-ranges');
          });
        }

        it('answers once when commit and handler both fail', async () => {
          failing = true;
          const answer = await ask(port, { path: '/partial' });
          expect(answer.status).to.be.oneOf([500, 503]);
          expect(answer.text).to.not.contain('begin');
        });
      });
    }
  }
});
