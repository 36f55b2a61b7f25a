import { existsSync, readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { expect } from 'chai';
import { readJson } from '../../tools/common.js';
import { type Document, documentAt, pages, ROOT } from './documents.js';
import { anchorsIn, linksIn } from './markdown.js';

const TOP = ['README.md', 'SECURITY.md', 'CONTRIBUTING.md', 'CHANGELOG.md'];
/** What npm packs besides the `files` of package.json. */
const ALWAYS_PACKED = ['README.md', 'LICENSE', 'package.json'];
const OUTSIDE = /^(?:https?|mailto):/;

/** Whether there is a file or folder of exactly this name, on file systems that ignore case too. */
function exists(path: string): boolean {
  if (!existsSync(ROOT + path)) return false;
  return path === '.' || readdirSync(ROOT + posix.dirname(path)).includes(posix.basename(path));
}

/** What a relative link leads to, from the root. */
function placeOf({ path }: Document, target: string): { readonly file: string; readonly anchor: string | undefined } {
  const [file = '', anchor] = target.split('#');
  return { file: file === '' ? path : posix.join(posix.dirname(path), decodeURI(file)).replace(/\/$/, ''), anchor };
}

function problemOf(document: Document, target: string): string | undefined {
  const { file, anchor } = placeOf(document, target);
  if (!exists(file)) return 'no such file';
  if (anchor === undefined) return undefined;
  if (!file.endsWith('.md')) return 'an anchor in something that is no Markdown';
  return anchorsIn(documentAt(file).text).has(anchor) ? undefined : 'no such anchor';
}

describe('The links in the documents', () => {
  const documents = [...TOP.map(documentAt), ...pages()];
  const links = documents.flatMap((document) =>
    linksIn(document.text)
      .filter(({ target }) => !OUTSIDE.test(target))
      .map((link) => ({ document, ...link })),
  );

  it('all lead to a file that exists, and to an anchor in it', () => {
    expect(links.length).to.be.greaterThan(50);
    const broken = links.flatMap(({ document, line, target }) => {
      const problem = problemOf(document, target);
      return problem === undefined ? [] : [`${document.path}:${line} ${target}: ${problem}`];
    });
    expect(broken).to.deep.equal([]);
  });

  it('of the README stay within what npm packs', () => {
    const { files } = readJson(`${ROOT}package.json`);
    const packed = [...ALWAYS_PACKED, ...(Array.isArray(files) ? files.map(String) : [])];
    const isPacked = (file: string): boolean => packed.some((one) => file === one || file.startsWith(`${one}/`));
    const outside = links
      .filter(({ document }) => document.path === 'README.md')
      .map(({ document, target }) => placeOf(document, target).file)
      .filter((file) => !isPacked(file));
    expect(outside).to.deep.equal([]);
  });

  it('of the README reach every page that is written for users', () => {
    const forMaintainers = /^docs\/(?:decisions|security-checklist)/;
    const reached = links.map(({ document, target }) => placeOf(document, target).file);
    const lost = pages().filter(({ path }) => !forMaintainers.test(path) && !reached.includes(path));
    expect(lost.map(({ path }) => path)).to.deep.equal([]);
  });
});

describe('Reading Markdown', () => {
  it('finds links with their lines, and none in code', () => {
    const text = '# A\n`[x](code.md)` and [y](real.md#b)\n```sh\n[z](fenced.md)\n```\n![i](image.png)\n';
    expect(linksIn(text)).to.deep.equal([
      { line: 2, target: 'real.md#b' },
      { line: 6, target: 'image.png' },
    ]);
  });

  it('finds the anchors that GitHub makes', () => {
    const text = '# `revoke()`, and more\n## Two words\n## Two words\n```\n# no heading\n```\n<a id="ERR_X"></a>\n';
    expect([...anchorsIn(text)]).to.deep.equal(['revoke-and-more', 'two-words', 'two-words-1', 'ERR_X']);
  });
});
