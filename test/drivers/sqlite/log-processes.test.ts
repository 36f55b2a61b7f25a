import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { RevocationList } from '../../../src/index.js';
import { found, lineagesOf, openLog, reading, revocation, storedIn } from './log-support.js';
import { childArguments } from './support.js';

const run = promisify(execFile);
const EACH = 400;

describe('SqliteRevocationLog in several processes', function () {
  this.timeout(60_000);

  it('is read completely and in one order while two processes append and two read', async () => {
    const { path, log, database } = await openLog();
    const other = await openLog(path);
    const reads = [reading(log), reading(other.log)];
    const children = ['a', 'b'].map((name) =>
      run(process.execPath, childArguments('revoke', path, name, String(EACH))),
    );
    const read = reads.map((one) => found(one, 'last'));
    await Promise.all(children);
    await log.append(revocation('last'));
    const [first = [], second = []] = await Promise.all(read);
    expect(lineagesOf(first)).to.have.lengthOf(2 * EACH + 1);
    expect(new Set(lineagesOf(first)).size).to.equal(2 * EACH + 1);
    expect(second).to.deep.equal(first);
    for (const lane of ['a-0', 'a-3', 'b-0', 'b-3']) {
      const own = lineagesOf(first).filter((lineage) => lineage.startsWith(`${lane}-`));
      expect(own).to.deep.equal(Array.from({ length: EACH / 4 }, (_, n) => `${lane}-${n}`));
    }
    database.close();
    other.database.close();
  });

  it('keeps every revocation that was acknowledged before its process was killed', async () => {
    const { path, database } = await openLog();
    database.close();
    const acknowledged: string[] = [];
    for (const enough of [1, 100, 50]) {
      const child = spawn(process.execPath, childArguments('revokeEndlessly', path, `until-${enough}`), {
        stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
      });
      const reports = child.stdio[3];
      if (!(reports instanceof Readable)) throw new Error('no pipe');
      const own: string[] = [];
      createInterface(reports).on('line', (line) => {
        own.push(line);
        if (own.length === enough) child.kill('SIGKILL');
      });
      await once(child, 'close');
      expect(own).to.have.lengthOf.at.least(enough);
      acknowledged.push(...own);
      const again = await openLog(path);
      const positions = new Set((await storedIn(again.log)).map(({ seq }) => seq));
      expect(acknowledged.filter((position) => !positions.has(position))).to.deep.equal([]);
      again.database.close();
    }
  });

  it('does not keep a process alive that leaves a read open', async () => {
    const { path, log, database } = await openLog();
    await log.append(revocation('a'));
    const { stdout } = await run(process.execPath, childArguments('readOn', path));
    expect(stdout).to.equal('read');
    database.close();
  });
});

describe('A RevocationList of a SqliteRevocationLog', () => {
  it('knows after a restart which sessions were revoked before, and learns of other processes', async () => {
    const { path, log, database } = await openLog();
    const list = new RevocationList({ log });
    await list.ready();
    await list.add([revocation('before')]);
    await list.close();
    database.close();
    const [one, other] = [await openLog(path), await openLog(path)];
    const lists = [new RevocationList({ log: one.log }), new RevocationList({ log: other.log })];
    const isKnown = (at: number, lineage: string): boolean =>
      lists[at]?.findNames({ id: lineage, lineage }, Date.now()) !== undefined;
    await Promise.all(lists.map((each) => each.ready()));
    expect([isKnown(0, 'before'), isKnown(1, 'before'), isKnown(1, 'after')]).to.deep.equal([true, true, false]);
    const read = reading(other.log);
    await lists[0]?.add([revocation('after')]);
    await found(read, 'after');
    while (!isKnown(1, 'after')) await read.next();
    await Promise.all(lists.map((each) => each.close()));
    one.database.close();
    other.database.close();
  });
});
