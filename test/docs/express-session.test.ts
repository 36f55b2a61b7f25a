import { expect } from 'chai';
import { documentAt } from './documents.js';

const page = documentAt('docs/express-session.md').text;
const manual = documentAt('node_modules/express-session/README.md').text;

/** The options and methods of express-session, by the headings of its own manual. */
function headings(mark: string): string[] {
  return Array.from(manual.matchAll(new RegExp(`^${mark} ([A-Za-z.]+)(?:\\(.*\\))?$`, 'gm')), ([, name = '']) => name);
}

describe('The page for those who move from express-session', () => {
  it('has every option of express-session', () => {
    const options = headings('#####');
    expect(options.length).to.be.greaterThan(15);
    expect(options.filter((name) => !page.includes(`\`${name}`))).to.deep.equal([]);
  });

  it('has every method of its sessions', () => {
    const methods = headings('####').filter((name) => name.startsWith('Session.'));
    expect(methods.length).to.be.greaterThan(4);
    const isMissing = (name: string): boolean => !page.includes(`\`req.session.${name.slice('Session.'.length)}(`);
    expect(methods.filter(isMissing)).to.deep.equal([]);
  });
});
