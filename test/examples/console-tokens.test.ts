import { expect } from 'chai';
import { ConsoleBench } from './console-bench.js';
import { ConsoleClient } from './console-client.js';

describe('examples/console: the token', () => {
  let bench: ConsoleBench;

  beforeEach(async () => {
    bench = new ConsoleBench('tokens');
    await bench.start();
  });

  afterEach(() => bench.stop());

  for (const carrier of ['cookie', 'header'] as const) {
    it(`is shown as the client holds it by ${carrier}, and what is in it`, async () => {
      const client = new ConsoleClient(bench.base, carrier);
      const session = await client.signIn('Ada');
      const { token, header, payload } = await client.token();
      expect(token).to.equal(client.sid);
      expect(header).to.deep.equal({ alg: 'HS512', typ: 'session+jwt' });
      expect(payload).to.deep.include({ jti: session.id, uid: 'ada', userData: { name: 'Ada' } });
    });
  }

  it('ends when the session says, to the second', async () => {
    const client = new ConsoleClient(bench.base, 'cookie');
    await client.signIn('Ada');
    bench.now += 1_500;
    const session = await client.session();
    const { payload } = await client.token();
    expect(Number(payload['exp']) * 1000 - Number(session?.expires)).to.be.within(0, 999);
  });
});
