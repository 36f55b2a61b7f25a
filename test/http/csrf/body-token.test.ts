import { expect } from 'chai';
import fc from 'fast-check';
import { CsrfSite, type CsrfSiteOptions, SECRET } from '../../support/csrf-site.js';
import { sourceModes } from '../../support/shop.js';

for (const mode of sourceModes) {
  const siteOf = (options: CsrfSiteOptions = {}) => new CsrfSite({ ...options, shop: { mode, ...options.shop } });

  /** A client with a session, and the cookie of its token. */
  const visitor = async (site = siteOf()) => {
    const client = site.client({ sid: await site.shop.issue({ count: 1 }, 'u1') });
    await client.ask();
    return client;
  };

  describe(`Tokens in a body, over a ${mode} source`, () => {
    const post = async (body: unknown, options: CsrfSiteOptions = {}) => {
      const client = await visitor(siteOf(options));
      const filled = typeof body === 'function' ? body(client.token) : body;
      return await client.post(undefined, {}, (call) => {
        call.checkBody(filled);
        expect(call.session?.uid).to.equal('u1');
      });
    };

    it('are taken from the field, of forms and of JSON', async () => {
      expect(await post((token: string) => ({ _csrf: token, text: 'x' }))).to.equal('passed');
      expect(await post((token: string) => Object.assign(Object.create(null), { _csrf: token }))).to.equal('passed');
      const csrf = { token: true, secret: SECRET, field: 'authenticity_token' };
      expect(await post((token: string) => ({ authenticity_token: token }), { csrf })).to.equal('passed');
      expect(await post((token: string) => ({ _csrf: token }), { csrf })).to.equal('token_missing');
    });

    it('are taken from FormData and URLSearchParams, once', async () => {
      for (const make of [() => new FormData(), () => new URLSearchParams()]) {
        const form = (...tokens: readonly string[]) => {
          const made = make();
          made.append('text', 'x');
          for (const token of tokens) made.append('_csrf', token);
          return made;
        };
        expect(await post((token: string) => form(token))).to.equal('passed');
        expect(await post(form())).to.equal('token_missing');
        expect(await post((token: string) => form(token, token))).to.equal('token_malformed');
        expect(await post((token: string) => Object.assign(form(), { _csrf: token }))).to.equal('token_missing');
      }
      const file = new FormData();
      file.append('_csrf', new Blob(['x']));
      expect(await post(file)).to.equal('token_malformed');
    });

    it('are taken from a field of @fastify/multipart', async () => {
      expect(await post((value: string) => ({ _csrf: { type: 'field', value } }))).to.equal('passed');
      expect(await post((value: string) => ({ _csrf: { type: 'file', value } }))).to.equal('token_malformed');
      expect(await post({ _csrf: { type: 'field' } })).to.equal('token_missing');
    });

    it('are refused in any other form', async () => {
      for (const body of [undefined, null, '', 'x', 5, [], {}, { other: 'x' }, Buffer.from('x')]) {
        expect(await post(body)).to.equal('token_missing');
      }
      expect(await post((token: string) => Object.create({ _csrf: token }))).to.equal('token_missing');
      expect(await post({ _csrf: undefined })).to.equal('token_missing');
      for (const value of [null, '', 5, true, {}, ['x'], 'x'.repeat(1_000_000)]) {
        expect(await post({ _csrf: value })).to.equal('token_malformed');
      }
      expect(await post((token: string) => ({ _csrf: [token] }))).to.equal('token_malformed');
    });

    it('are never in what is not made for them', async () => {
      const client = await visitor();
      const anything = fc.anything({ withNullPrototype: true, withTypedArray: true, withDate: true, withMap: true });
      const body = fc.oneof(anything, fc.record({ _csrf: anything }), fc.dictionary(fc.string(), anything));
      await fc.assert(
        fc.asyncProperty(body, async (wrong) => {
          const reason = await client.post(undefined, {}, ({ checkBody }) => checkBody(wrong));
          expect(['token_missing', 'token_malformed']).to.include(reason);
        }),
      );
    });

    it('are not looked at if the header had one, or none is needed', async () => {
      const client = await visitor();
      const check = ({ checkBody }: { checkBody(body: unknown): void }) => checkBody({ _csrf: 'junk' });
      expect(await client.post(client.token, {}, check)).to.equal('passed');
      expect(await client.post(undefined, { method: 'GET' }, check)).to.equal('passed');
    });

    it('do not make up for a wrong one in the header', async () => {
      const client = await visitor();
      const { token } = client;
      expect(await client.post('junk', {}, ({ checkBody }) => checkBody({ _csrf: token }))).to.equal('token_malformed');
    });
  });
}
