/**
 * `npm run check:package`: packs the package, checks the tarball, installs it into an empty folder and uses it there: with
 * `import`, with `require`, in a strict TypeScript program, by its command, and with bundlers and test runners.
 *
 * @module
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { checkBundles } from './check-bundles.js';
import { checkPage, toolchains } from './check-page.js';
import { checkCommonJs, checkTypeScript, TYPESCRIPTS } from './check-typescript.js';
import { asRecord, conclude, filesUnder, isMain, readJson } from './common.js';
import { type Consumer, consumers } from './package-consumers.js';
import { run } from './run.js';
import { Steps } from './steps.js';

/** What a tarball must contain besides dist, and the only other places its files may be in. The API reference is not packed. */
const REQUIRED = [
  'package.json',
  'manifest.json',
  'README.md',
  'CHANGELOG.md',
  'SECURITY.md',
  'docs/errors.md',
  'LICENSE',
];
const SHIPPED =
  /^(?:dist\/(?!.*\.test\.).+\.(?:js|d\.ts|sql|lua|css|html)|docs\/(?!api\/).+\.md|bench\/results\.md|[^/]+\.md|LICENSE|package\.json|manifest\.json)$/;

/** The problems of the files of an unpacked package at `folder`; `places` are paths of this machine. */
export function checkFiles(folder: string, places: readonly string[]): string[] {
  const files = filesUnder(folder);
  const problems = REQUIRED.filter((file) => !files.includes(file)).map((file) => `the package has no ${file}`);
  for (const file of files) {
    if (!SHIPPED.test(file)) problems.push(`the package must not contain ${file}`);
    const text = readFileSync(join(folder, file), 'utf8');
    if (places.some((place) => text.includes(place)))
      problems.push(`${file} names a path of the machine it was built on`);
    if (/^\/\/# sourceMappingURL=/m.test(text)) problems.push(`${file} points to a source map, which is not packed`);
  }
  return problems;
}

/** The types of two libraries that this repository does not install: `node:sqlite` and better-sqlite3. */
const SQLITE_TYPES = ['@types/node@24', '@types/better-sqlite3@7'];

class PackageCheck {
  readonly #steps = new Steps();
  readonly #root: string;
  readonly #temp: string;
  readonly #consumer: string;
  readonly #manifest: Readonly<Record<string, unknown>>;

  constructor(root: string, temp: string) {
    this.#root = root;
    this.#temp = temp;
    this.#consumer = join(temp, 'consumer');
    this.#manifest = readJson(join(root, 'package.json'));
  }

  get problems(): readonly string[] {
    return this.#steps.problems;
  }

  async run(): Promise<void> {
    mkdirSync(this.#consumer);
    writeFileSync(join(this.#consumer, 'package.json'), '{ "name": "consumer", "private": true, "type": "module" }\n');

    const tarball = this.#pack();
    if (tarball === undefined) return;
    this.#tool('publint', 'node_modules/publint/src/cli.js', ['run', tarball, '--strict']);
    this.#tool('are-the-types-wrong', 'node_modules/@arethetypeswrong/cli/dist/index.js', [
      tarball,
      '--profile',
      'esm-only',
    ]);

    if (!this.#install('the tarball alone', [tarball])) return;
    console.log('- packed files');
    const installed = join(this.#consumer, 'node_modules', this.#name);
    this.#steps.problems.push(...checkFiles(installed, [`${this.#root}/`, `${homedir()}/`, `${this.#temp}/`]));
    this.#load(false);
    this.#command();
    this.#missPeers();

    const { nodeTypes, types, peers } = this.#companions();
    if (!this.#install('the types of Node', nodeTypes)) return;
    this.#compile('without the peers', ({ needsPeers }) => !needsPeers);
    // Nothing here needs what an install script builds, and better-sqlite3 may take a minute to compile.
    if (!this.#install('the peers and their types', ['--ignore-scripts', ...types, ...SQLITE_TYPES, ...peers])) return;
    this.#load(true);
    this.#compile('with the peers', () => true);
    this.#sweep();
    await this.#toolchains(Object.keys(asRecord(this.#manifest['peerDependencies'])));
  }

  /** Bundlers and test runners, as docs/toolchains.md says, and other versions of TypeScript. */
  async #toolchains(peers: readonly string[]): Promise<void> {
    const page = toolchains(this.#root);
    const tools = page.flatMap(({ packages }) => packages);
    if (!this.#install('bundlers and test runners', ['--ignore-scripts', ...tools])) return;
    await checkBundles(this.#steps, this.#consumer, this.#entries().code, peers);
    checkPage(this.#steps, page, this.#consumer, join(this.#root, 'node_modules/.cache'));
    // All of them have a command of the same name.
    if (!this.#install('versions of TypeScript', ['--ignore-scripts', '--no-bin-links', ...TYPESCRIPTS])) return;
    const files = consumers.map(({ file }) => file);
    checkTypeScript(this.#steps, this.#consumer, files);
    checkCommonJs(this.#steps, this.#consumer);
  }

  get #name(): string {
    return String(this.#manifest['name']);
  }

  get #commandName(): string {
    return Object.keys(asRecord(this.#manifest['bin']))[0] ?? this.#name;
  }

  get #bin(): string {
    return join(this.#consumer, 'node_modules/.bin', this.#commandName);
  }

  #entries(): { readonly code: readonly string[]; readonly json: readonly string[] } {
    const all = Object.keys(asRecord(this.#manifest['exports'])).map((entry) => entry.replace('.', this.#name));
    return {
      code: all.filter((entry) => !entry.endsWith('.json')),
      json: all.filter((entry) => entry.endsWith('.json')),
    };
  }

  #pack(): string | undefined {
    this.#steps.record('npm pack', run('npm', ['pack', '--pack-destination', this.#temp], { cwd: this.#root }));
    const file = filesUnder(this.#temp).find((path) => path.endsWith('.tgz'));
    return file && join(this.#temp, file);
  }

  #tool(name: string, script: string, args: readonly string[]): void {
    this.#steps.record(name, run(process.execPath, [join(this.#root, script), ...args], { cwd: this.#temp }));
  }

  #install(what: string, packages: readonly string[]): boolean {
    const options = ['--no-audit', '--no-fund', '--prefer-offline'];
    return this.#steps.record(
      `npm install: ${what}`,
      run('npm', ['install', ...options, ...packages], { cwd: this.#consumer }),
    );
  }

  /** Loads every entry with `import` and `require`. Without the peers, only the main entry must load. */
  #load(withPeers: boolean): void {
    const peers = Object.keys(asRecord(this.#manifest['peerDependencies']));
    const { code, json } = this.#entries();
    const ways = [
      ...code.map(
        (entry) => [`import '${entry}'`, entry, ['--input-type=module', '-e', `await import('${entry}')`]] as const,
      ),
      ...[...code, ...json].map(
        (entry) => [`require('${entry}')`, entry, ['--input-type=commonjs', '-e', `require('${entry}')`]] as const,
      ),
    ];
    for (const [what, entry, args] of ways) {
      const outcome = run(process.execPath, args, { cwd: this.#consumer });
      const missing = /Cannot find (?:package|module) '([^'/]+)/.exec(outcome.stderr)?.[1];
      if (!withPeers && entry !== this.#name && missing !== undefined && peers.includes(missing)) {
        console.log(`- ${what}: needs its peer ${missing}, tried again with it`);
      } else this.#steps.record(what, outcome, true);
    }
  }

  #command(): void {
    const name = this.#commandName;
    this.#steps.record(`npx ${name} secret`, run('npx', ['--no-install', name, 'secret'], { cwd: this.#consumer }));
    const outcome = run(this.#bin, ['secret'], { cwd: this.#consumer });
    if (this.#steps.record(`${name} secret`, outcome, true) && outcome.stdout.trim().length < 86) {
      this.#steps.problems.push(`${name} secret printed fewer characters than 64 bytes take`);
    }
  }

  /** The command names the package that the application must install. */
  #missPeers(): void {
    const file = join(this.#consumer, 'sessions.sqlite');
    writeFileSync(file, '');
    const cases: [peer: string, args: readonly string[], env: Readonly<Record<string, string>>, says: string][] = [
      ['pg', ['sweep'], { DATABASE_URL: 'postgres://127.0.0.1:1/x' }, 'the package pg is not installed'],
    ];
    if (process.getBuiltinModule('node:sqlite') === undefined) {
      cases.push(['libsql', ['sweep', '--sqlite', file], {}, 'neither libsql nor better-sqlite3 is installed']);
    }
    for (const [peer, args, env, says] of cases) {
      const outcome = run(this.#bin, args, { cwd: this.#consumer, env });
      const isTold = outcome.code === 1 && outcome.stderr.includes(says);
      this.#steps.record(`sessions-jwt sweep without ${peer}: says so`, { ...outcome, code: isTold ? 0 : 1 });
    }
    rmSync(file);
  }

  /** A program stores a session with `node:sqlite` or the application's libsql, and the command removes it. */
  #sweep(): void {
    const program = `
      const { ServerSessionStorage } = require('${this.#name}');
      const { SqliteStore } = require('${this.#name}/sqlite');
      const Database = process.getBuiltinModule('node:sqlite')?.DatabaseSync ?? require('libsql');
      const database = new Database('sessions.sqlite');
      const store = new SqliteStore({ database });
      const storage = new ServerSessionStorage({ store, clock: { now: () => 0 } });
      store.migrate().then(() => storage.create()).then(() => storage.close()).then(() => database.close());`;
    // Node 22 warns that its SQLite is experimental.
    const options = { cwd: this.#consumer, env: { NODE_NO_WARNINGS: '1' } };
    const kept = run(process.execPath, ['--input-type=commonjs', '-e', program], options);
    if (!this.#steps.record('a session in SQLite', kept, true)) return;
    const outcome = run(this.#bin, ['sweep', '--sqlite', 'sessions.sqlite'], options);
    const isSwept = outcome.stdout === 'removed 1 expired session\n';
    this.#steps.record('sessions-jwt sweep removes it', { ...outcome, code: isSwept ? outcome.code : 1 }, true);
  }

  /** The optional peers, their types and those of Node, in the ranges of package.json. */
  #companions(): Readonly<Record<'nodeTypes' | 'types' | 'peers', readonly string[]>> {
    const ranges = asRecord(this.#manifest['peerDependencies']);
    const development = asRecord(this.#manifest['devDependencies']);
    const typesOf = (names: readonly string[]): readonly string[] =>
      names
        .map((name) => `@types/${name}`)
        .filter((name) => name in development)
        .map((name) => `${name}@${String(development[name])}`);
    return {
      nodeTypes: typesOf(['node']),
      types: typesOf(Object.keys(ranges)),
      peers: Object.entries(ranges).map(([name, range]) => `${name}@${String(range)}`),
    };
  }

  #compile(how: string, isMeant: (consumer: Consumer) => boolean): void {
    const files = consumers.filter(isMeant);
    for (const { file, text } of files) writeFileSync(join(this.#consumer, file), text);
    const options = {
      module: 'nodenext',
      target: 'es2023',
      lib: ['es2023'],
      types: ['node'],
      strict: true,
      skipLibCheck: false,
      noEmit: true,
      // content-disposition 2, which Express needs, has types of its own, which those of Koa do not expect.
      paths: { 'content-disposition': ['./node_modules/@types/content-disposition'] },
    };
    const project = { compilerOptions: options, files: files.map(({ file }) => file) };
    writeFileSync(join(this.#consumer, 'tsconfig.json'), JSON.stringify(project, null, 2));
    const tsc = join(this.#root, 'node_modules/typescript/bin/tsc');
    this.#steps.record(
      `tsc --strict, ${how}: ${project.files.join(', ')}`,
      run(process.execPath, [tsc, '-p', '.'], { cwd: this.#consumer }),
    );
  }
}

if (isMain(import.meta.url)) {
  const temp = mkdtempSync(join(tmpdir(), 'package-check-'));
  try {
    const check = new PackageCheck(dirname(import.meta.dirname), temp);
    await check.run();
    conclude(check.problems, 'the package installs, loads and compiles');
  } finally {
    rmSync(temp, { recursive: true, force: true });
  }
}
