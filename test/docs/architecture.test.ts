import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { filesUnder } from '../../tools/common.js';
import { importsOf } from '../../tools/imports.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(`${root}docs/architecture.md`, 'utf8');

/** The files of src that each file of src imports, types included. */
const imports: ReadonlyMap<string, readonly string[]> = new Map(
  filesUnder(`${root}src`).map((file) => {
    const path = `src/${file}`;
    const specifiers = importsOf(readFileSync(root + path, 'utf8')).map(({ specifier }) => specifier);
    const relative = specifiers.filter((specifier) => specifier.startsWith('.'));
    return [path, relative.map((one) => posix.join(posix.dirname(path), one).replace(/\.js$/, '.ts'))];
  }),
);

interface Stop {
  readonly path: string;
  readonly isPort: boolean;
}

interface Journey {
  readonly name: string;
  readonly stops: readonly Stop[];
}

function journeysOf(markdown: string): Journey[] {
  return markdown
    .split(/^### /m)
    .slice(1)
    .map((section) => ({
      name: section.split('\n', 1)[0] ?? '',
      stops: [...section.matchAll(/^\d+\. `([^`]+)`( \(port\))? .+\.$/gm)].map(([, path = '', port]) => ({
        path,
        isPort: port !== undefined,
      })),
    }));
}

/** The stops that nothing leads to: no earlier stop imports them, nor do they implement the port just before them. */
function unreached(stops: readonly Stop[], graph: ReadonlyMap<string, readonly string[]>): string[] {
  return stops
    .filter(({ path }, index) => {
      const earlier = stops.slice(0, index);
      const before = earlier.at(-1);
      const implementsPort = before?.isPort === true && graph.get(path)?.includes(before.path) === true;
      return index > 0 && !implementsPort && !earlier.some((stop) => graph.get(stop.path)?.includes(path));
    })
    .map(({ path }) => path);
}

/** The arrows of the diagram, by the names of the layers. */
function arrowsOf(markdown: string): Map<string, Set<string>> {
  const [, diagram = ''] = /```mermaid\n(.+?)```/s.exec(markdown) ?? [];
  const labels = new Map([...diagram.matchAll(/(\w+)\["([^"]+)"\]/g)].map(([, id = '', label = '']) => [id, label]));
  const nameOf = (id: string): string => labels.get(id) ?? id;
  return new Map(
    [...diagram.matchAll(/^ *(\w+)(?:\["[^"]+"\])? --> (.+)$/gm)].map(([, from = '', targets = '']) => [
      nameOf(from),
      new Set(targets.split(' & ').map(nameOf)),
    ]),
  );
}

function reachable(arrows: ReadonlyMap<string, ReadonlySet<string>>, from: string): Set<string> {
  const found = new Set([from]);
  for (const layer of found) for (const next of arrows.get(layer) ?? []) found.add(next);
  return found;
}

describe('docs/architecture.md', () => {
  const journeys = journeysOf(page);
  const arrows = arrowsOf(page);
  const layers = new Set([...arrows].flatMap(([from, targets]) => [from, ...targets]));

  /** The innermost layer of the diagram that contains a file of src; the index of the package is in none. */
  const layerOf = (path: string): string | undefined =>
    [...layers]
      .filter((layer) => path === `src/${layer}.ts` || path.startsWith(`src/${layer}/`))
      .sort((a, b) => b.length - a.length)[0];

  const crossings = [...imports].flatMap(([path, targets]) =>
    targets.map((target) => ({ path, target, from: layerOf(path), to: layerOf(target) })),
  );

  it('names files that exist', () => {
    const named = [...page.matchAll(/`(src\/[^`]+)`/g)].map(([, path = '']) => path);
    expect(named.length).to.be.greaterThan(30);
    for (const path of named) expect(existsSync(root + path), path).to.equal(true);
  });

  it('has six journeys, whose steps are numbered in order', () => {
    expect(journeys.map(({ name }) => name)).to.deep.equal([
      'Token in',
      'Token out',
      'Record in',
      'Record out',
      'An event out',
      'A stream ends',
    ]);
    for (const section of page.split(/^### /m).slice(1)) {
      const numbers = [...section.matchAll(/^(\d+)\. /gm)].map(([, number]) => Number(number));
      expect(numbers).to.deep.equal(numbers.map((_, index) => index + 1));
      expect(journeysOf(`### ${section}`)[0]?.stops).to.have.lengthOf(numbers.length).and.not.be.empty;
    }
  });

  for (const { name, stops } of journeys) {
    it(`leads along imports: ${name}`, () => {
      expect(unreached(stops, imports)).to.deep.equal([]);
    });
  }

  it('would notice a step that nothing before it imports, and one out of order', () => {
    const graph = new Map([
      ['a', ['port']],
      ['b', ['port', 'c']],
    ]);
    const stop = (path: string): Stop => ({ path, isPort: path === 'port' });
    expect(unreached(['a', 'port', 'b', 'c'].map(stop), graph)).to.deep.equal([]);
    expect(unreached(['a', 'port', 'c', 'b'].map(stop), graph)).to.deep.equal(['c', 'b']);
    expect(unreached(['a', 'b', 'c'].map(stop), graph)).to.deep.equal(['b']);
  });

  it('draws every folder of src', () => {
    for (const path of imports.keys()) if (path !== 'src/index.ts') expect(layerOf(path), path).to.be.a('string');
  });

  it('draws no arrow that no import follows', () => {
    for (const [from, targets] of arrows) {
      for (const to of targets) {
        const isFollowed = crossings.some((crossing) => crossing.from === from && crossing.to === to);
        expect(isFollowed, `${from} --> ${to}`).to.equal(true);
      }
    }
  });

  it('draws a way for every import from one layer to another', () => {
    for (const { path, target, from, to } of crossings) {
      if (from === undefined || to === undefined) continue;
      expect([...reachable(arrows, from)], `${path} imports ${target}`).to.include(to);
    }
  });
});
