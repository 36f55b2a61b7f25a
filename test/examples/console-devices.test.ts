import { expect } from 'chai';
import { ConsoleBench, MINUTE } from './console-bench.js';
import { ConsoleClient } from './console-client.js';

describe('examples/console: the list of devices', () => {
  let bench: ConsoleBench;
  let laptop: ConsoleClient;
  let phone: ConsoleClient;

  beforeEach(async () => {
    bench = new ConsoleBench('server');
    await bench.start();
    laptop = new ConsoleClient(bench.base, 'cookie');
    phone = new ConsoleClient(bench.base, 'header');
    await laptop.signIn('Ada');
    bench.now += MINUTE;
    await phone.signIn('Ada');
    await new ConsoleClient(bench.base, 'cookie').signIn('Bob');
  });

  afterEach(() => bench.stop());

  it("has each of the user's sessions, nobody else's, and says which one asks", async () => {
    const start = bench.now - MINUTE;
    const [one, other, ...more] = await phone.devices();
    expect(more).to.deep.equal([]);
    const here = { uid: 'ada', isCurrent: true, created: bench.now, lastAccess: bench.now };
    expect(one).to.deep.include({ ...here, expires: bench.now + 30 * MINUTE, info: { client: 'unknown' } });
    expect(other).to.include({ uid: 'ada', isCurrent: false, created: start, lastAccess: start });
    expect(one?.id).to.equal((await phone.session())?.id);
    const seenThere = new Map((await laptop.devices()).map(({ id, isCurrent }) => [id, isCurrent]));
    expect(seenThere).to.deep.equal(
      new Map([
        [other?.id, true],
        [one?.id, false],
      ]),
    );
  });

  it('says what signed in', async () => {
    const browser = new ConsoleClient(bench.base, 'cookie');
    await browser.send('POST', '/api/sign-in', { name: 'Ada' }, { 'User-Agent': 'Mozilla/5.0 (X11) Firefox/140.0' });
    expect((await phone.devices()).map(({ info }) => info.client).sort()).to.deep.equal([
      'Firefox',
      'unknown',
      'unknown',
    ]);
  });

  it('shows one session for one device, however often it is rotated', async () => {
    for (let count = 0; count < 3; count += 1) await phone.done('POST', '/api/rotate');
    expect((await phone.devices()).filter(({ isCurrent }) => isCurrent)).to.have.length(1);
    expect(await phone.devices()).to.have.length(2);
  });

  it('ends one of them from another, at once', async () => {
    const other = (await phone.devices()).find(({ isCurrent }) => !isCurrent);
    expect((await phone.send('DELETE', `/api/sessions/${other?.id}`)).status).to.equal(204);
    expect(await laptop.session()).to.equal(null);
    expect((await phone.devices()).map(({ isCurrent }) => isCurrent)).to.deep.equal([true]);
    expect((await phone.send('DELETE', `/api/sessions/${other?.id}`)).status, 'over already').to.equal(404);
  });

  it('ends the one that asks too, and then its cookie goes', async () => {
    const here = (await laptop.devices()).find(({ isCurrent }) => isCurrent);
    expect((await laptop.send('DELETE', `/api/sessions/${here?.id}`)).status).to.equal(204);
    expect(laptop.sid).to.equal('');
    expect(await laptop.session()).to.equal(null);
    expect((await phone.devices()).length).to.equal(1);
  });

  it("ends nobody else's", async () => {
    const eve = new ConsoleClient(bench.base, 'cookie');
    await eve.signIn('Eve');
    for (const { id, lineage } of await phone.devices()) {
      for (const one of [id, lineage]) {
        expect((await eve.send('DELETE', `/api/sessions/${one}`)).status).to.equal(404);
      }
    }
    expect(await phone.devices()).to.have.length(2);
  });

  it('loses none of two changes that are made at the same time', async () => {
    const both = new ConsoleClient(bench.base, 'header');
    both.sid = phone.sid;
    await Promise.all([
      phone.send('PUT', '/api/data', { cart: ['tea'] }),
      both.send('PUT', '/api/data', { language: 'de' }),
    ]);
    expect((await phone.session())?.sessionData).to.deep.equal({ cart: ['tea'], language: 'de' });
  });
});
