import { expect } from 'chai';
import { bench } from '../support/sessions.js';

describe('userData of a session without a user', () => {
  it('is empty, and refuses to be changed in place', () => {
    const session = bench().storage.create();
    expect(session.userData).to.deep.equal({});
    expect(JSON.stringify(session.userData)).to.equal('{}');
    expect(() => Reflect.set(session.userData, 'theme', 'dark')).to.throw(TypeError, 'sign one in with setUser first');
    expect(() => Object.assign(session.userData, { theme: 'dark' })).to.throw(TypeError, 'setUser');
    expect(session.setUser('u1', { theme: 'dark' }).userData).to.deep.equal({ theme: 'dark' });
    Reflect.set(session.userData, 'theme', 'light');
    expect(session.userData).to.deep.equal({ theme: 'light' });
  });
});
