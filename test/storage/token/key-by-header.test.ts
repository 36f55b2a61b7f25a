import { expect } from 'chai';
import { Codec } from '../../../src/token/codec.js';
import { Keyring } from '../../../src/token/keyring.js';
import { forge, parts } from '../../support/forge.js';
import { openingOf, verificationOf } from '../../support/outcomes.js';
import { bench, SECRET } from '../../support/sessions.js';
import { claims } from '../../support/token-fixtures.js';

const OLD_SECRET = 'sixty-four bytes that are known to all who read these tests: 000';

describe('A token that begins as our own do', () => {
  const secrets = [
    { kid: 'new', secret: SECRET },
    { kid: 'old', secret: OLD_SECRET },
  ];
  const header = { alg: 'HS512', typ: 'session+jwt', kid: 'new' };
  const signedBy = (secret: string, named: object = header): string =>
    forge({ as: 'HS512', key: Buffer.from(secret), header: named, payload: claims() });

  it('is taken by the key that it names alone, and not by another of the ring', () => {
    const codec = new Codec('HS512', new Keyring('HS512', secrets));
    expect(parts(codec.sign('{}')).header).to.deep.equal(header);
    expect(signedBy(SECRET).split('.')[0]).to.equal(codec.sign('{}').split('.')[0]);
    expect(verificationOf(codec, signedBy(SECRET))).to.equal('accepted');
    expect(verificationOf(codec, signedBy(OLD_SECRET))).to.equal('bad_signature');
    expect(verificationOf(codec, signedBy(OLD_SECRET, { ...header, kid: 'old' }))).to.equal('accepted');
    expect(verificationOf(codec, signedBy(SECRET, { ...header, kid: 'old' }))).to.equal('bad_signature');
  });

  it('opens no session when the second key signed it, after replaceKeys neither', () => {
    const { storage } = bench({ jwtSecret: secrets });
    expect(openingOf(storage, signedBy(OLD_SECRET))).to.equal('bad_signature');
    const late = bench({ jwtSecret: OLD_SECRET });
    expect(openingOf(late.storage, signedBy(OLD_SECRET))).to.equal('opened');
    late.storage.replaceKeys(secrets);
    expect(openingOf(late.storage, signedBy(OLD_SECRET))).to.equal('bad_signature');
    expect(openingOf(late.storage, signedBy(SECRET))).to.equal('opened');
  });
});
