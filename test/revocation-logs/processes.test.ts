import { expect } from 'chai';
import { Instance } from '../support/revocation-processes/instance.js';
import { LOG_KINDS, type LogPair } from '../support/revocation-processes/kinds.js';
import type { LogSettings } from '../support/revocation-processes/logs.js';

/** ms; longer than a log needs between two answers, so that no list is stale by itself. */
const BOUND = 5_000;
const BATCH = 50;

const start = (log: LogSettings, bound = BOUND): Promise<Instance> =>
  Instance.start({ log, bound, deadline: 10_000, logDeadline: 5_000 });

for (const [kind, open] of LOG_KINDS) {
  describe(`Two processes with a RevocationList over one ${kind}`, function () {
    this.timeout(60_000);

    let logs: LogPair;
    let here: Instance;
    let there: Instance;
    const others: Instance[] = [];

    const startOther = async (): Promise<Instance> => {
      const other = await start(logs[1]);
      others.push(other);
      return other;
    };

    before(async function () {
      logs = await open(this);
      [here, there] = await Promise.all([start(logs[0], 30_000), start(logs[1], 30_000)]);
      await Promise.all([here.ready(), there.ready()]);
    });

    afterEach(() => Promise.all(others.splice(0).map((other) => other.kill())));

    after(() => Promise.all([here, there].map((instance) => instance?.kill())));

    it('refuse what the other one revoked, within the bound and losing none of many', async () => {
      const uids = Array.from({ length: BATCH }, (_, index) => `user-${index}`);
      for (const [one, other] of [
        [here, there],
        [there, here],
      ] as const) {
        const sids = await Promise.all(uids.map((uid) => one.signIn(uid)));
        const kept = await one.signIn('kept');
        for (const sid of sids) expect(await other.ask(sid).answer).to.equal('live');
        const refused = sids.map(async (sid) => {
          expect(await one.revoke(sid)).to.deep.equal({ own: 'ended', failure: undefined });
          const revoked = performance.now();
          expect(await other.askWhile(sid, 'live')).to.equal('ended');
          expect(performance.now() - revoked).to.be.below(BOUND);
        });
        await Promise.all(refused);
        for (const sid of sids) expect(await other.ask(sid).answer).to.equal('ended');
        for (const instance of [one, other]) expect(await instance.ask(kept).answer).to.equal('live');
      }
    });

    it("resolve wait: 'instances' only when the other one refuses", async () => {
      const [sid, mark] = [await here.signIn('ann'), await here.signIn('bob')];
      there.signal('SIGSTOP');
      let isOver = false;
      const revoked = here.revoke(sid, 'instances').finally(() => {
        isOver = true;
      });
      // The log has taken both revocations when this one resolves.
      expect(await here.revoke(mark, 'log')).to.deep.equal({ own: 'ended', failure: undefined });
      expect(isOver).to.equal(false);
      there.signal('SIGCONT');
      expect(await revoked).to.deep.equal({ own: 'ended', failure: undefined });
      expect(await there.ask(sid).answer).to.equal('ended');
    });

    it('end the streams of what the other one revoked, through the log alone', async () => {
      const [sid, kept] = [await here.signIn('ann'), await here.signIn('bob')];
      const [{ rest }, other] = [await there.stream(sid), await there.stream(kept)];
      await here.revoke(sid);
      expect(await rest).to.match(/event: end\ndata: \{"reason":"stolen"\}\n/);
      expect(await Promise.race([other.rest, there.ask(kept).answer])).to.equal('live');
    });

    it('answer 503 after a standstill that was longer than the bound, and never open what was revoked meanwhile', async () => {
      const sleeper = await (await startOther()).ready();
      const [sid, kept] = [await here.signIn('ann'), await here.signIn('bob')];
      for (const one of [sid, kept]) expect(await sleeper.ask(one).answer).to.equal('live');
      sleeper.signal('SIGSTOP');
      // Resolves when the log has forgotten the sleeper, whose bound is over then.
      expect(await here.revoke(sid, 'instances')).to.deep.equal({ own: 'ended', failure: undefined });
      const questions = [sleeper.ask(sid), sleeper.ask(kept)];
      await Promise.all(questions.map(({ sent }) => sent));
      sleeper.signal('SIGCONT');
      for (const { answer } of questions) expect(await answer).to.equal('stale');
      expect(await sleeper.askWhile(sid, 'stale')).to.equal('ended');
      expect(await sleeper.askWhile(kept, 'stale')).to.equal('live');
    });

    it('refuse what a process revoked that was killed as soon as its revoke had resolved', async () => {
      for (const uid of ['ann', 'bob']) {
        const victim = await startOther();
        const sid = await here.signIn(uid);
        await victim.ready();
        expect(await victim.revokeAndDie(sid)).to.equal('SIGKILL');
        const fresh = await startOther();
        expect(await fresh.askWhile(sid, 'stale')).to.equal('ended');
        expect(await here.askWhile(sid, 'live')).to.equal('ended');
      }
    });
  });
}
