/**
 * `npm run check:layers`: holds src/ to its one-way arrow, free of import cycles, and its files short.
 *
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, posix } from 'node:path';
import { asRecord, conclude, filesUnder, isMain, readJson } from './common.js';
import { type Import, importsOf } from './imports.js';

/**
 * Each folder (or file) of src, and what it may import: the arrow, floor by floor. A folder within a folder is a layer of its own when it stands
 * here; the outer one then means the files beside it.
 */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  copies: [],
  errors: ['copies'],
  lib: ['errors'],
  ports: ['errors'],
  session: ['errors', 'lib', 'ports'],
  token: ['errors', 'lib', 'ports', 'session'],
  storage: ['errors', 'lib', 'ports', 'session'],
  'storage/revocation': ['copies', 'errors', 'lib', 'ports', 'session', 'storage'],
  'storage/token': ['copies', 'errors', 'lib', 'ports', 'session', 'token', 'storage', 'storage/revocation'],
  'storage/server': ['errors', 'lib', 'ports', 'session', 'storage', 'storage/revocation'],
  identity: ['copies', 'errors', 'lib', 'ports', 'token'],
  'http/exchange': [],
  'http/sink': ['ports'],
  'http/transports': ['errors', 'lib', 'token', 'http/exchange'],
  'http/node': ['errors', 'lib', 'ports', 'http/exchange', 'http/sink'],
  http: [
    'errors',
    'lib',
    'ports',
    'session',
    'storage',
    'storage/revocation',
    'token',
    'identity',
    'http/exchange',
    'http/sink',
    'http/transports',
    'http/node',
  ],
  'http/web': ['errors', 'lib', 'ports', 'storage', 'http', 'http/exchange', 'http/sink', 'http/node'],
  adapters: [
    'errors',
    'lib',
    'ports',
    'session',
    'storage',
    'http',
    'http/exchange',
    'http/sink',
    'http/transports',
    'http/node',
    'http/web',
  ],
  foxx: [
    'copies',
    'errors',
    'lib',
    'ports',
    'session',
    'storage',
    'storage/revocation',
    'storage/token',
    'http',
    'adapters',
  ],
  'drivers/shared': ['errors', 'lib', 'ports'],
  drivers: ['errors', 'lib', 'ports', 'drivers/shared'],
  live: ['errors', 'lib', 'ports', 'session', 'storage', 'storage/revocation'],
  weave: [
    'errors',
    'lib',
    'ports',
    'session',
    'storage',
    'storage/server',
    'drivers',
    'http',
    'http/exchange',
    'http/transports',
    'live',
  ],
  client: ['type live'],
  testing: [
    'errors',
    'lib',
    'ports',
    'session',
    'storage',
    'storage/revocation',
    'storage/token',
    'storage/server',
    'drivers',
    'type http',
  ],
  cli: ['errors', 'lib', 'ports', 'session', 'token', 'storage', 'storage/token', 'storage/server', 'drivers'],
};

/** Layers whose parts (a file, or a folder) never import one another either; what two of them need goes in `shared`. */
const APART = ['adapters', 'drivers'];

const LONGEST_FILE = 400;

/** What was found wrong, and how long the files are. */
export interface LayerReport {
  readonly problems: readonly string[];
  readonly files: number;
  readonly medianLines: number;
}

/** Checks the `src` of the package at `root`. */
export function checkLayers(root: string): LayerReport {
  const files = filesUnder(join(root, 'src'))
    .filter((path) => /\.[cm]?tsx?$/.test(path))
    .map((path) => {
      const text = readFileSync(join(root, 'src', path), 'utf8');
      return { path, lines: text.replace(/\n$/, '').split('\n').length, imports: importsOf(text) };
    });
  const known = new Set(files.map((file) => file.path));
  const manifest = readJson(join(root, 'package.json'));
  const external = externalRule(root, manifest);
  const problems: string[] = [];
  const graph = new Map<string, string[]>();

  for (const file of files) {
    const targets: string[] = [];
    graph.set(file.path, targets);
    if (file.path !== 'index.ts' && !LAYERS[layerOf(file.path)]) {
      problems.push(`src/${file.path}:1 is in no layer: add it to the table of tools/check-layers.ts`);
    }
    if (file.lines > LONGEST_FILE) {
      problems.push(`src/${file.path}:1 has ${file.lines} lines, ${LONGEST_FILE} are allowed`);
    }
    for (const one of file.imports) {
      const own = one.specifier.startsWith('.') ? one.specifier : builtFile(manifest, one.specifier);
      const target = own === undefined ? undefined : resolve(own === one.specifier ? file.path : '', own, known);
      if (target && known.has(target)) targets.push(target);
      const problem = target === undefined ? external(file.path, one) : arrow(file.path, target, one, known);
      if (problem) problems.push(`src/${file.path}:${one.line} ${problem}`);
    }
  }
  for (const cycle of cyclesOf(graph)) problems.push(`src/${cycle[0]}:1 import cycle: ${cycle.join(' -> ')}`);

  const lengths = files.map((file) => file.lines).sort((a, b) => a - b);
  return { problems, files: files.length, medianLines: lengths[Math.floor(lengths.length / 2)] ?? 0 };
}

function resolve(from: string, specifier: string, known: ReadonlySet<string>): string {
  const target = posix.join(posix.dirname(from), specifier);
  return (
    [target, target.replace(/\.([cm]?)js$/, '.$1ts'), target.replace(/\.jsx$/, '.tsx')].find((path) =>
      known.has(path),
    ) ?? target
  );
}

/** The file of `dist` that a name of `imports` in package.json stands for in Node, as a path below it. */
function builtFile(manifest: Readonly<Record<string, unknown>>, specifier: string): string | undefined {
  const target = asRecord(asRecord(manifest['imports'])[specifier])['default'];
  return typeof target === 'string' && target.startsWith(BUILT) ? target.slice(BUILT.length) : undefined;
}

const BUILT = './dist/';

/** The innermost layer that has the file; the name of its outer folder where none has. */
function layerOf(path: string): string {
  const parts = path.replace(/\.[cm]?tsx?$/, '').split('/');
  for (let depth = parts.length; depth > 0; depth -= 1) {
    const name = parts.slice(0, depth).join('/');
    if (Object.hasOwn(LAYERS, name)) return name;
  }
  return parts[0] ?? '';
}

function partOf(path: string): string {
  return path.replace(/\.[cm]?tsx?$/, '').split('/')[1] ?? '';
}

function arrow(from: string, target: string, one: Import, known: ReadonlySet<string>): string | undefined {
  if (!known.has(target)) return `'${one.specifier}' is no source file of src`;
  const [a, b] = [layerOf(from), layerOf(target)];
  if (from === 'index.ts') return one.reexport ? undefined : `index may only re-export, it imports '${one.specifier}'`;
  const allowed = LAYERS[a] ?? [];
  if (a === b) {
    const [own, other] = [partOf(from), partOf(target)];
    return !APART.includes(a) || own === other || other === 'shared'
      ? undefined
      : `${a}/${own} may not import ${b}/${other}`;
  }
  if (allowed.includes(b) || (one.typeOnly && allowed.includes(`type ${b}`))) return undefined;
  return `${a} may not import ${b}${allowed.includes(`type ${b}`) ? ', except by import type' : ''}`;
}

/** Packages must be declared, and entered by a door they have. */
function externalRule(
  root: string,
  manifest: Readonly<Record<string, unknown>>,
): (from: string, one: Import) => string | undefined {
  const declared = { ...asRecord(manifest['dependencies']), ...asRecord(manifest['peerDependencies']) };
  return (from, { specifier: written, typeOnly }) => {
    const specifier = written.startsWith('#') ? asRecord(asRecord(manifest['imports'])[written])['default'] : written;
    if (typeof specifier !== 'string') return `'${written}' has no default in the imports of package.json`;
    if (specifier.startsWith('node:'))
      return layerOf(from) === 'client' ? `client may not import ${specifier}` : undefined;
    if (specifier.startsWith('/') || specifier.includes('node_modules'))
      return `'${specifier}' is a path, not a package`;
    if (builtinModules.includes(specifier)) return `'${specifier}' should be 'node:${specifier}'`;
    const [, name = specifier, subpath] = /^((?:@[^/]+\/)?[^/]+)(?:\/(.+))?$/.exec(specifier) ?? [];
    if (name === manifest['name']) return `'${specifier}' is this package: import the file itself`;
    if (!(name in declared)) {
      const typed = typeOnly && `@types/${name}` in asRecord(manifest['devDependencies']);
      return typed ? undefined : `'${name}' is neither a dependency nor a peer of this package`;
    }
    return subpath === undefined || hasDoor(join(root, 'node_modules', name, 'package.json'), `./${subpath}`)
      ? undefined
      : `'${specifier}' is an internal of ${name}`;
  };
}

function hasDoor(manifestPath: string, subpath: string): boolean {
  const exported = existsSync(manifestPath) ? asRecord(readJson(manifestPath)['exports']) : {};
  return Object.keys(exported).some((key) => {
    const [before = '', after] = key.split('*');
    return after === undefined ? key === subpath : subpath.startsWith(before) && subpath.endsWith(after);
  });
}

/** One shortest cycle, first file repeated at its end, for each knot of files that import one another. */
export function cyclesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = [];
  const reported = new Set<string>();
  for (const start of [...graph.keys()].sort()) {
    const cycle = reported.has(start) ? undefined : shortestWayBack(graph, start);
    if (!cycle) continue;
    cycles.push(cycle);
    for (const path of reachable(graph, start)) if (reachable(graph, path).has(start)) reported.add(path);
  }
  return cycles;
}

function reachable(graph: ReadonlyMap<string, readonly string[]>, start: string): ReadonlySet<string> {
  const found = new Set(graph.get(start));
  for (const path of found) for (const next of graph.get(path) ?? []) found.add(next);
  return found;
}

function shortestWayBack(graph: ReadonlyMap<string, readonly string[]>, start: string): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const path of queue) {
    for (const next of graph.get(path) ?? []) {
      if (next === start) {
        const way = [path, start];
        while (way[0] !== start) way.unshift(cameFrom.get(way[0] ?? '') ?? start);
        return way;
      }
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, path);
      queue.push(next);
    }
  }
  return undefined;
}

if (isMain(import.meta.url)) {
  const root = dirname(import.meta.dirname);
  const { problems, files, medianLines } = checkLayers(root);
  conclude(problems, `${files} files keep to their layers; median ${medianLines} lines`);
}
