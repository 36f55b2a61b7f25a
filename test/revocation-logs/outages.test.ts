import { expect } from 'chai';
import { Instance } from '../support/revocation-processes/instance.js';
import { SERVED_KINDS, type ServedLog } from '../support/revocation-processes/kinds.js';
import type { LogSettings } from '../support/revocation-processes/logs.js';

/** ms; longer than a log needs between two answers, so that only an outage makes a list stale. */
const BOUND = 5_000;
const PATIENT = 120_000;
const IMPATIENT = 500;

const start = async (log: LogSettings, deadline: number): Promise<Instance> =>
  (await Instance.start({ log, bound: BOUND, deadline, logDeadline: 500 })).ready();

for (const [kind, open] of SERVED_KINDS) {
  describe(`Processes with a RevocationList over one ${kind}, whose server crashes,`, function () {
    this.timeout(60_000);

    let served: ServedLog;
    let instances: readonly Instance[] = [];

    before(async function () {
      served = await open(this);
    });

    afterEach(() => Promise.all(instances.map((instance) => instance.kill())));

    after(() => served?.server.stop('SIGKILL'));

    it('keep what was revoked before, answer 503 while they are stale, and catch up after the restart', async () => {
      const { logs, server, crash } = served;
      instances = await Promise.all([start(logs[0], PATIENT), start(logs[0], IMPATIENT), start(logs[1], PATIENT)]);
      const [patient = expect.fail(), impatient = expect.fail()] = instances;
      const sids = ['before', 'waited', 'given-up', 'kept'].map((uid) => patient.signIn(uid));
      const [before = '', waited = '', givenUp = '', kept = ''] = await Promise.all(sids);
      expect(await patient.revoke(before)).to.deep.equal({ own: 'ended', failure: undefined });

      await server.stop(crash);
      const revoked = patient.revoke(waited);
      expect(await impatient.revoke(givenUp)).to.deep.equal({
        own: 'ended',
        failure: 'ERR_SESSION_STORE_UNAVAILABLE',
      });
      for (const instance of instances) {
        expect(await instance.askWhile(before, 'ended', 'live')).to.equal('stale');
        for (const sid of [before, waited, givenUp, kept]) expect(await instance.ask(sid).answer).to.equal('stale');
      }

      await server.start();
      expect(await revoked).to.deep.equal({ own: 'ended', failure: undefined });
      for (const instance of instances) {
        expect(await instance.askWhile(before, 'stale'), 'revoked before the crash').to.equal('ended');
        // A list may be fresh again before the other processes have appended what they could not.
        for (const sid of [waited, givenUp]) expect(await instance.askWhile(sid, 'stale', 'live')).to.equal('ended');
        expect(await instance.ask(kept).answer).to.equal('live');
      }
    });
  });
}
