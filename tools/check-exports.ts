/**
 * `npm run check:exports`, after a build: package.json, the built files, the sources and the documents name the same
 * entries, Node and bundlers get the same of each, and each exports exactly the names in tools/public-surface.json.
 * `-- --write` updates that list.
 *
 * @module
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { asRecord, conclude, filesUnder, isMain, readJson } from './common.js';
import { run } from './run.js';

/** Entry (`.`, `./express`) -> the names it exports at runtime, sorted. */
export type Surface = Readonly<Record<string, readonly string[]>>;

/** The value of one entry in `exports`: condition -> file. A plain string is the condition `default`. */
type Targets = Readonly<Record<string, unknown>>;

const SURFACE = 'tools/public-surface.json';

/** The files of tools/bundle-node.ts. */
const FOR_NODE = './dist/node/';

/** The differences between package.json, dist, src and the documents of the package at `root`. */
export function checkEntries(root: string): string[] {
  const manifest = readJson(join(root, 'package.json'));
  const entries = entriesOf(manifest);
  return [
    ...missingTargets(root, manifest, entries),
    ...disagreements(manifest, entries),
    ...unexportedSources(root, entries),
    ...documentedButMissing(root, String(manifest['name']), entries),
  ];
}

/** The names that each built entry exports at runtime. JSON entries have none. */
export async function surfaceOf(root: string): Promise<Surface> {
  const surface: Record<string, string[]> = {};
  for (const [entry, targets] of entriesOf(readJson(join(root, 'package.json')))) {
    const file = String(targets['default']);
    if (file.endsWith('.json')) continue;
    surface[entry] = Object.keys(asRecord(await import(pathToFileURL(join(root, file)).href))).sort();
  }
  return surface;
}

/** The exports of each built entry that bundlers get under another name than Node, or only one of them gets. */
export async function compareBuilds(root: string): Promise<string[]> {
  const problems: string[] = [];
  for (const [entry, targets] of entriesOf(readJson(join(root, 'package.json')))) {
    const { module, default: file } = targets;
    if (typeof module !== 'string') continue;
    const [bundled, own] = await Promise.all([namesIn(join(root, module)), namesIn(join(root, String(file)))]);
    for (const key of new Set([...bundled.keys(), ...own.keys()])) {
      const [there, here] = [bundled.get(key), own.get(key)];
      if (there !== here) problems.push(`${entry} exports ${key} to bundlers as ${there}, to Node as ${here}`);
    }
  }
  return problems;
}

/** The exports of a file, each with the name of its function or class; `value` for others. */
async function namesIn(file: string): Promise<Map<string, string>> {
  const exported = Object.entries(asRecord(await import(pathToFileURL(file).href)));
  return new Map(exported.map(([key, value]) => [key, typeof value === 'function' ? value.name : 'value']));
}

/** The names that an entry exports and the reviewed list lacks, and the reverse. */
export function compareSurfaces(actual: Surface, reviewed: Surface): string[] {
  const problems: string[] = [];
  for (const entry of new Set([...Object.keys(actual), ...Object.keys(reviewed)])) {
    const [now, before] = [actual[entry] ?? [], reviewed[entry] ?? []];
    if (!(entry in reviewed)) problems.push(`${SURFACE} does not list the entry ${entry}`);
    if (!(entry in actual)) problems.push(`${SURFACE} lists ${entry}, which is not an entry`);
    for (const name of now)
      if (!before.includes(name)) problems.push(`${entry} exports ${name}, which ${SURFACE} does not list`);
    for (const name of before)
      if (!now.includes(name)) problems.push(`${entry} does not export ${name}, which ${SURFACE} lists`);
  }
  return problems;
}

function entriesOf(manifest: Readonly<Record<string, unknown>>): [entry: string, targets: Targets][] {
  return Object.entries(asRecord(manifest['exports'])).map(([entry, target]) => [
    entry,
    typeof target === 'string' ? { default: target } : asRecord(target),
  ]);
}

function missingTargets(root: string, manifest: Targets, entries: readonly [string, Targets][]): string[] {
  const bin = manifest['bin'];
  const named: [string, unknown][] = [
    ['main', manifest['main']],
    ['types', manifest['types']],
    ...Object.entries(typeof bin === 'string' ? { bin } : asRecord(bin)).map(([k, v]): [string, unknown] => [
      `bin ${k}`,
      v,
    ]),
    ...entries.flatMap(([entry, targets]) =>
      Object.entries(targets).map(([k, v]): [string, unknown] => [`exports ${entry} ${k}`, v]),
    ),
    ...importedFiles(manifest),
  ];
  const problems: string[] = [];
  for (const [where, file] of named) {
    if (file === undefined) continue;
    if (typeof file !== 'string' || !existsSync(join(root, file)))
      problems.push(`package.json ${where}: no file ${String(file)}`);
    else if (where.startsWith('bin') && !readFileSync(join(root, file), 'utf8').startsWith('#!/usr/bin/env node\n')) {
      problems.push(`package.json ${where}: ${file} does not begin with #!/usr/bin/env node`);
    }
  }
  return problems;
}

/** The files that `imports` of package.json names, condition by condition; the packages in it are left out. */
function importedFiles(manifest: Targets): [where: string, file: unknown][] {
  return Object.entries(asRecord(manifest['imports'])).flatMap(([name, targets]) =>
    Object.entries(asRecord(targets))
      .filter(([, file]) => typeof file !== 'string' || file.startsWith('.'))
      .map(([condition, file]): [string, unknown] => [`imports ${name} ${condition}`, file]),
  );
}

function disagreements(manifest: Targets, entries: readonly [string, Targets][]): string[] {
  const problems: string[] = [];
  const main = entries.find(([entry]) => entry === '.')?.[1] ?? {};
  for (const [field, condition] of [
    ['main', 'default'],
    ['types', 'types'],
  ] as const) {
    if (manifest[field] !== main[condition])
      problems.push(`package.json ${field} is not the ${condition} of exports .`);
  }
  for (const [entry, targets] of entries) {
    const { types, module, default: code } = targets;
    if (typeof code !== 'string') problems.push(`package.json exports ${entry} has no default`);
    else if (code.endsWith('.js') && types !== code.replace(FOR_NODE, './dist/').replace(/\.js$/, '.d.ts')) {
      problems.push(`package.json exports ${entry}: types and default come from different sources`);
    } else if (module !== (code.startsWith(FOR_NODE) ? code.replace(FOR_NODE, './dist/') : undefined)) {
      problems.push(`package.json exports ${entry}: module and default come from different sources`);
    } else if (module !== undefined && Object.keys(targets).at(-1) !== 'default') {
      problems.push(`package.json exports ${entry}: default must come last`);
    } else if (types !== undefined && Object.keys(targets)[0] !== 'types') {
      problems.push(`package.json exports ${entry}: types must come first`);
    }
    const older = asRecord(asRecord(manifest['typesVersions'])['*'])[entry.slice('./'.length)];
    if (entry !== '.' && types !== undefined && String(older) !== types)
      problems.push(`package.json typesVersions: ${entry} has not the types of exports`);
  }
  return problems;
}

/** The paths of public sources: the index of src, of a folder or of a driver, and each file directly in adapters. */
const PUBLIC = /^(?:index|[^/]+\/index|drivers\/[^/]+\/index|adapters\/(?!shared\.)[^/]+)\.ts$/;

function unexportedSources(root: string, entries: readonly [string, Targets][]): string[] {
  const exported = new Set(entries.map(([, { module, default: code }]) => module ?? code));
  return filesUnder(join(root, 'src'))
    .filter((path) => PUBLIC.test(path) && !exported.has(`./dist/${path.replace(/\.ts$/, '.js')}`))
    .map((path) => `src/${path} is a public entry by its path, but package.json does not export it`);
}

function documentedButMissing(root: string, name: string, entries: readonly [string, Targets][]): string[] {
  const documents = ['README.md', 'SECURITY.md', ...filesUnder(join(root, 'docs')).map((path) => `docs/${path}`)];
  const known = new Set(entries.map(([entry]) => entry));
  return documents
    .filter((path) => path.endsWith('.md') && existsSync(join(root, path)))
    .flatMap((path) =>
      documentedEntries(readFileSync(join(root, path), 'utf8'), name)
        .filter((entry) => !known.has(entry))
        .map((entry) => `${path} imports ${entry.replace('.', name)}, which package.json does not export`),
    );
}

/** The entries of the package `name` that the code in a Markdown document imports, each once. */
export function documentedEntries(markdown: string, name: string): string[] {
  const specifier = new RegExp(`\\b(?:from|import|require)[\\s(]*['"]${name}(/[\\w./-]+)?['"]`, 'g');
  const code = [...markdown.matchAll(/^(`{3,})[^\n]*\n(.*?)^\1/gms), ...markdown.matchAll(/(`)([^`\n]+)`/g)];
  const found = code.flatMap(([, , text = '']) =>
    [...text.matchAll(specifier)].map(([, subpath = '']) => `.${subpath}`),
  );
  return [...new Set(found)];
}

if (isMain(import.meta.url)) {
  const root = dirname(import.meta.dirname);
  const problems = checkEntries(root);
  if (problems.length === 0) {
    const surface = await surfaceOf(root);
    const path = join(root, SURFACE);
    if (process.argv.includes('--write')) {
      writeFileSync(path, JSON.stringify(surface));
      run('npx', ['--no-install', 'biome', 'format', '--write', path], { cwd: root });
    }
    const reviewed = existsSync(path) ? (readJson(path) as Surface) : {};
    problems.push(...compareSurfaces(surface, reviewed), ...(await compareBuilds(root)));
  }
  conclude(problems, 'exports, built files, documents and the public surface agree');
}
