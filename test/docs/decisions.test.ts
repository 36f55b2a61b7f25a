import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = `${root}docs/decisions/`;

const SECTIONS = ['Context', 'Choice', 'Consequence'];

interface Decision {
  readonly file: string;
  readonly title: string;
  readonly date: string;
  readonly isAccepted: boolean;
  readonly files: readonly string[];
  readonly text: string;
}

function decisionOf(file: string): Decision {
  const text = readFileSync(folder + file, 'utf8');
  const [, title = '', date = '', status, files = ''] =
    /^# (.+)\n\n- Date: (\d{4}-\d\d-\d\d)\n- Status: (accepted|superseded by \d{4})\n- Files: (.+?)\n\n/s.exec(text) ??
    [];
  const isAccepted = status === 'accepted';
  return { file, title, date, isAccepted, files: [...files.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path), text };
}

describe('docs/decisions', () => {
  const decisions = readdirSync(folder)
    .filter((file) => file !== 'README.md')
    .sort()
    .map(decisionOf);

  it('numbers the decisions from 0001, without a gap', () => {
    expect(decisions.length).to.be.greaterThan(40);
    for (const [index, { file, title }] of decisions.entries()) {
      expect(file).to.match(new RegExp(`^${String(index + 1).padStart(4, '0')}-[a-z0-9-]+\\.md$`));
      expect(title, file).to.match(new RegExp(`^${index + 1}\\. `));
    }
  });

  it('lists each decision once, with its title and date', () => {
    const listed = readFileSync(`${folder}README.md`, 'utf8').match(/^\| \[.*$/gm);
    expect(listed).to.deep.equal(decisions.map(({ file, title, date }) => `| [${title}](${file}) | ${date} |`));
  });

  it('gives each a context, a choice and a consequence, in this order and not empty', () => {
    for (const { file, text } of decisions) {
      const sections = [...text.matchAll(/^## (.+)\n\n\S/gm)].map(([, name]) => name);
      expect(sections, file).to.deep.equal(SECTIONS);
    }
  });

  it('names files, which exist while the decision is in force', () => {
    for (const { file, files, isAccepted } of decisions) {
      expect(files, file).not.to.be.empty;
      if (isAccepted) for (const path of files) expect(existsSync(root + path), `${file}: ${path}`).to.equal(true);
    }
  });
});
