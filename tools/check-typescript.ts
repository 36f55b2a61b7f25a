/** Compiles programs that use the installed package with several versions of TypeScript and ways to find modules. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Outcome, run } from './run.js';
import type { Steps } from './steps.js';

/** The oldest TypeScript supported, and the newest of each major. */
const VERSIONS = ['5.4', '5', '6', '7'] as const;

type Version = (typeof VERSIONS)[number];

/** The packages to install: each version under a name of its own. */
export const TYPESCRIPTS: readonly string[] = VERSIONS.map((version) => `${nameOf(version)}@npm:typescript@${version}`);

/** A way to find modules. */
interface Resolution {
  readonly options: Readonly<Record<string, unknown>>;
  readonly versions: readonly Version[];
}

/** Without `exports` of package.json. TypeScript 6 must be told that it is meant, 7 no longer has it. */
const NODE10 = { module: 'commonjs', moduleResolution: 'node10', esModuleInterop: true };

const RESOLUTIONS: readonly Resolution[] = [
  { options: { module: 'nodenext', moduleResolution: 'nodenext' }, versions: VERSIONS },
  { options: { module: 'node16', moduleResolution: 'node16' }, versions: VERSIONS },
  { options: { module: 'preserve', moduleResolution: 'bundler' }, versions: VERSIONS },
  { options: NODE10, versions: ['5.4', '5'] },
  { options: { ...NODE10, ignoreDeprecations: '6.0' }, versions: ['6'] },
];

const STRICT = { target: 'es2022', lib: ['es2022'], types: ['node'], strict: true, exactOptionalPropertyTypes: true };

/** The program whose libraries have so many types that a compiler takes seconds for them: it is compiled one way only. */
const LARGE = 'clients.ts';

/** `folder`: where the package, its peers and {@link TYPESCRIPTS} are installed. `files`: programs in it. */
export function checkTypeScript(steps: Steps, folder: string, files: readonly string[]): void {
  for (const { options, versions } of RESOLUTIONS) {
    for (const version of versions) {
      const isNodeNext = options['module'] === 'nodenext';
      // The oldest version checks every declaration; the repository's own TypeScript does so before this check.
      const all = { ...STRICT, ...options, noEmit: true, skipLibCheck: !isNodeNext || version !== '5.4' };
      const chosen = files.filter((file) => isNodeNext || file !== LARGE);
      const what = `TypeScript ${version}, module ${options['module']}, moduleResolution ${options['moduleResolution']}`;
      steps.record(what, withoutForeign(compile(version, folder, folder, all, chosen)));
    }
  }
}

/** Leaves out errors in the types of other packages: those of pg need a newer TypeScript than the oldest one supported here. */
export function withoutForeign(outcome: Outcome): Outcome {
  const stdout = outcome.stdout.replace(/^node_modules\/(?!sessions-jwt\/).*\n(?: .*\n)*/gm, '');
  const isForeignOnly = outcome.stdout !== '' && stdout === '' && outcome.stderr === '';
  return { ...outcome, stdout, code: isForeignOnly ? 0 : outcome.code };
}

const STATIC = `
import { type Session, SessionStorage } from 'sessions-jwt';
import { activateSessions } from 'sessions-jwt/express';
const sessionStorage = new SessionStorage({ jwtSecret: 's'.repeat(64) });
activateSessions({ sessionStorage, cookie: true });
const session: Session = sessionStorage.create().setUser('u1');
console.log(session.uid);
`;

const DYNAMIC = `
import type { Session } from 'sessions-jwt' with { 'resolution-mode': 'import' };
async function main(): Promise<void> {
  const { SessionStorage } = await import('sessions-jwt');
  const { activateSessions } = await import('sessions-jwt/express');
  const sessionStorage = new SessionStorage({ jwtSecret: 's'.repeat(64) });
  activateSessions({ sessionStorage, cookie: true });
  const session: Session = sessionStorage.create().setUser('u1');
  console.log(session.uid);
}
void main();
`;

/** How a CommonJS program imports the package: what docs/toolchains.md says of each `module`. */
const COMMONJS: readonly [text: string, options: Readonly<Record<string, unknown>>, versions: readonly Version[]][] = [
  [STATIC, { module: 'nodenext', moduleResolution: 'nodenext' }, ['5', '6', '7']],
  [STATIC, { module: 'node20', moduleResolution: 'node16' }, ['5', '7']],
  [STATIC, { module: 'commonjs', moduleResolution: 'node10' }, ['5.4', '5']],
  [STATIC, { module: 'commonjs', moduleResolution: 'bundler' }, ['6', '7']],
  [DYNAMIC, { module: 'node16', moduleResolution: 'node16' }, ['5.4', '7']],
];

/** Compiles CommonJS programs, and runs them. The same arguments as above. */
export function checkCommonJs(steps: Steps, folder: string): void {
  const place = join(folder, 'commonjs');
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'package.json'), '{ "private": true, "type": "commonjs" }\n');
  for (const [text, options, versions] of COMMONJS) {
    writeFileSync(join(place, 'main.ts'), text);
    for (const version of versions) {
      const how = text === STATIC ? 'import' : 'import()';
      const what = `CommonJS with TypeScript ${version}, module ${options['module']}, ${how}`;
      const emit = { ...STRICT, skipLibCheck: true, ...options, rootDir: '.', outDir: version };
      if (!steps.record(what, compile(version, folder, place, emit, ['main.ts']))) continue;
      steps.expect(what, run(process.execPath, [join(place, version, 'main.js')]), 'u1');
    }
  }
}

function nameOf(version: Version): string {
  return `typescript-${version}`;
}

/** Compiles `files` of `place` with a TypeScript that is installed in `folder`. */
function compile(
  version: Version,
  folder: string,
  place: string,
  compilerOptions: Readonly<Record<string, unknown>>,
  files: readonly string[],
): Outcome {
  writeFileSync(join(place, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }, null, 2));
  const tsc = join(folder, 'node_modules', nameOf(version), 'bin/tsc');
  return run(process.execPath, [tsc, '-p', place], { cwd: place });
}
