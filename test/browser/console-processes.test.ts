import { expect } from 'chai';
import { ConsoleProgram } from '../examples/console-program.js';
import { useChromium } from '../support/chromium.js';
import { durablePostgres } from '../support/servers/postgres.js';
import type { ServerProcess } from '../support/servers/program.js';
import { ownRedis } from '../support/servers/redis.js';
import { ConsolePage } from './console-page.js';

const postgres = durablePostgres();

/** The servers that connect processes: how to start one, and the environment of a console that uses it. */
const BACKENDS: Readonly<
  Record<string, (context: Mocha.Context) => Promise<{ server: ServerProcess; env: Readonly<Record<string, string>> }>>
> = {
  async Redis(context) {
    const { port, process: server } = await ownRedis(context);
    return { server, env: { REDIS_URL: `redis://127.0.0.1:${port}` } };
  },
  async PostgreSQL(context) {
    const { address, process: server } = await postgres(context);
    const { user, host, port, database } = address;
    return { server, env: { DATABASE_URL: `postgres://${user}@${host}:${port}/${database}` } };
  },
};

for (const [name, start] of Object.entries(BACKENDS)) {
  describe(`Two processes of the console, with ${name}`, () => {
    const user = useChromium();

    it('show the same sessions and tabs live, and end them in both', async function () {
      // Starts two processes that compile TypeScript.
      this.timeout(60_000);
      const { server, env } = await start(this);
      const programs = [new ConsoleProgram(env), new ConsoleProgram(env)] as const;
      const other = await user().context.browser()?.newContext();
      if (other === undefined) throw new Error('the browser is gone');
      try {
        const [here, there] = [await programs[0].address, await programs[1].address];
        const tab = await ConsolePage.open(user().context, here);
        await tab.signIn('Ada', 'Laptop');
        // Browsers send cookies to all ports of a host.
        const second = await ConsolePage.openLive(user().context, there);
        const phone = await ConsolePage.open(other, there);
        await phone.signIn('Ada', 'Phone');
        for (const one of [tab, second, phone]) await one.lists('2 sessions, 3 open tabs');
        await tab.send(/^tab \w+ of Phone$/, 'from here');
        await phone.gets('from here');
        await phone.send('All my tabs', 'from there');
        for (const one of [tab, second, phone]) await one.gets('from there');
        // Both count the requests of both.
        const bars = async (one: ConsolePage): Promise<unknown> =>
          await one.page.evaluate(
            "fetch('/api/overview', { headers: { 'X-Session-Passive': '1' } }).then((response) => response.json()).then(({ activity }) => activity.bars)",
          );
        expect(await bars(phone))
          .to.deep.equal(await bars(tab))
          .and.not.deep.equal([]);
        await phone.press('End all others');
        for (const one of [tab, second]) {
          // The page or the heartbeat may find the end before its announcement arrives, and knows no reason.
          expect(await one.dark()).to.match(
            /^(?:All other sessions were ended from Phone \(tab \w{4}\)|It was ended by the service|It has ended, or this browser has lost its cookie)\.$/,
          );
        }
        await phone.lists('1 session, 1 open tab');
      } finally {
        await other.close();
        await Promise.all(programs.map((program) => program.stop('SIGKILL')));
        await server.stop('SIGKILL');
      }
    });
  });
}
