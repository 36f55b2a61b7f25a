import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { checkPage, sectionsOf, toolchains } from '../../tools/check-page.js';
import { Steps } from '../../tools/steps.js';
import { temporaryTrees } from './tree.js';

const PAGE = `# Page

\`\`\`js
nothing();
\`\`\`

## First

\`\`\`js
// app.mjs
console.log('u1');
\`\`\`

\`\`\`sh
npm install --save-dev a@1 @b/c
node app.mjs # u1
\`\`\`

### Second

\`\`\`sh
node other.mjs # u2
node never.mjs
\`\`\`
`;

describe('tools/check-page', () => {
  const tree = temporaryTrees();

  it('reads files, packages and commands of each section that has commands', () => {
    expect(sectionsOf(PAGE)).to.deep.equal([
      {
        title: 'First',
        files: { 'app.mjs': "// app.mjs\nconsole.log('u1');\n" },
        packages: ['a@1', '@b/c'],
        commands: [{ line: 'node app.mjs', prints: 'u1' }],
      },
      {
        title: 'Second',
        files: {},
        packages: [],
        commands: [
          { line: 'node other.mjs', prints: 'u2' },
          { line: 'node never.mjs', prints: '' },
        ],
      },
    ]);
  });

  it('runs the commands, and stops a section at the first that fails', () => {
    const steps = new Steps(() => undefined);
    checkPage(steps, sectionsOf(PAGE), tree({}), 'no cache');
    expect(steps.problems.map((problem) => problem.split(' failed')[0])).to.deep.equal([
      'Second: node other.mjs prints u2',
    ]);
  });

  it('fails a command that prints something else', () => {
    const steps = new Steps(() => undefined);
    checkPage(steps, sectionsOf(PAGE.replace("log('u1')", "log('u3')")), tree({}), 'no cache');
    expect(steps.problems[0]).to.match(/^First: node app\.mjs prints u1 failed \(exit code 1\)\nu3$/);
  });

  it('finds each tool in the documents', () => {
    const titles = toolchains(fileURLToPath(new URL('../../', import.meta.url))).map(({ title }) => title);
    expect(titles.map((title) => title.split(' ')[0])).to.include.members(['esbuild', 'Jest', 'Vitest', 'TypeScript']);
  });
});
