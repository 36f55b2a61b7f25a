import { expect } from 'chai';
import { RevocationList } from '../../../src/index.js';
import { rotated } from '../../support/kits.js';
import { openingOf } from '../../support/outcomes.js';
import { bench, revokingBench } from '../../support/sessions.js';

const HOUR = 3_600_000;
const GRACE = 4000;

describe('Rotation: the alias', () => {
  it('dies on time also when it is remembered from before the rotation', async () => {
    const { clock, storage } = revokingBench({ rotationGrace: GRACE });
    const before = storage.create().forClient();
    for (let i = 0; i < 3; i += 1) storage.get(before);
    await rotated(storage, before);
    expect(openingOf(storage, before)).to.equal('opened');
    clock.advance(GRACE);
    expect(openingOf(storage, before)).to.equal('superseded');
  });

  it('stays dead as long as it could have lived', async () => {
    const { clock, storage } = bench({ revocations: new RevocationList(), timeToLive: HOUR, rotationGrace: GRACE });
    const before = storage.create().forClient();
    await rotated(storage, before);
    clock.advance(HOUR - 1);
    expect(openingOf(storage, before)).to.equal('superseded');
  });

  it('has no grace left to end without revocations: both credentials live', async () => {
    const { clock, storage } = bench({ rotationGrace: GRACE });
    const before = storage.create().forClient();
    const after = await rotated(storage, before);
    clock.advance(GRACE);
    expect([openingOf(storage, before), openingOf(storage, after)]).to.deep.equal(['opened', 'opened']);
  });
});
