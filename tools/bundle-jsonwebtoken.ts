/**
 * A step of `npm run build`: writes dist/vendor/jsonwebtoken.js, an ES module that contains what jsonwebtoken needs to sign.
 *
 * Only bundlers read it, by the condition `module` of `imports` in package.json; Node loads the dependency itself. In an ES module,
 * esbuild cannot replace the `require` of a CommonJS package for a module of Node, and the bundle throws when it starts. In this
 * file, such a `require` is an `import`, which every bundler knows.
 *
 * @module
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { subset } from 'semver';
import { asRecord, filesUnder, isMain, readJson } from './common.js';

const NAME = 'jsonwebtoken';

/** Replaces each `require` of a module in `specifiers` by an import of its value there. */
function importing(specifiers: Readonly<Record<string, string>>): Plugin {
  return {
    name: 'require-to-import',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^[^.]/ }, ({ path, namespace, kind }) => {
        const specifier = specifiers[path];
        if (specifier === undefined) return undefined;
        if (kind === 'import-statement') return { path: specifier, external: true };
        return { path: specifier, namespace: namespace === 'required' ? 'imported' : 'required' };
      });
      // Two modules, because to `require` an ES module gives an object around its default export.
      onLoad({ filter: /./, namespace: 'required' }, ({ path }) => ({
        contents: `module.exports = require('${path}').default;`,
      }));
      onLoad({ filter: /./, namespace: 'imported' }, ({ path }) => ({
        contents: `export { default } from '${path}';`,
      }));
    },
  };
}

/** Replaces a module that only asks whether Node is of a version that every Node in `engines` is: it would need all of semver. */
function deciding(engines: string): Plugin {
  return {
    name: 'decide-versions',
    setup({ onLoad }) {
      onLoad({ filter: /Supported\.js$/ }, ({ path }) => {
        const [, range] = VERSION_CHECK.exec(readFileSync(path, 'utf8')) ?? [];
        return range !== undefined && subset(engines, range) ? { contents: 'module.exports = true;' } : undefined;
      });
    },
  };
}

/**
 * Leaves out of jws what verifies: its index has `sign` and `createSign`, which are all that sign.js calls.
 * @throws Error from the build if jws or sign.js is not as expected
 */
function signingOnly(): Plugin {
  return {
    name: 'sign-only',
    setup({ onLoad, onEnd }) {
      const unread = new Set(['sign.js of jsonwebtoken', 'index.js of jws']);
      onLoad({ filter: /[\\/]jsonwebtoken[\\/]sign\.js$/ }, ({ path }) => {
        const others = readFileSync(path, 'utf8')
          .replaceAll(JWS_CALL, '')
          .match(/\bjws\b.*/);
        if (others !== null) throw new Error(`expected only sign and createSign of jws in sign.js: ${others[0]}`);
        unread.delete('sign.js of jsonwebtoken');
        return undefined;
      });
      onLoad({ filter: /[\\/]jws[\\/]index\.js$/ }, ({ path }) => {
        const contents = readFileSync(path, 'utf8').replaceAll(JWS_VERIFIER, '');
        const others = /.*verify.*/i.exec(contents);
        if (others !== null) throw new Error(`expected no other use of the verifier in index.js of jws: ${others[0]}`);
        unread.delete('index.js of jws');
        return { contents };
      });
      onEnd(() => {
        if (unread.size > 0) throw new Error(`expected to read ${[...unread].join(' and ')}`);
      });
    },
  };
}

/** In sign.js of jsonwebtoken. */
const JWS_CALL = /\bjws = require\('jws'\)|\bjws\.(?:sign|createSign)\(/g;
/** In index.js of jws. */
const JWS_VERIFIER =
  /^var VerifyStream = require\('\.\/lib\/verify-stream'\);\n|^exports\.(\w+) = VerifyStream\.\1;\n|^exports\.createVerify = function createVerify\(opts\) \{\n {2}return new VerifyStream\(opts\);\n\};\n/gm;

const VERSION_CHECK =
  /^(?:const|var) semver = require\('semver'\);\s*module\.exports = semver\.satisfies\(process\.version, '([^']+)'\);\s*$/;

/**
 * The licences of the packages that `inputs`, paths below `root`, come from, as one comment that bundlers keep. It is part of each bundle, so terms that
 * several licences have are in it once, after the notices of all packages under them, a notice that several packages have is in it once, after their
 * names, and white space is not kept. The terms of Apache-2.0 are those of this package, and in its LICENSE: here is the notice that refers to them.
 */
function licences(root: string, inputs: readonly string[]): string {
  const packages = new Set(inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []));
  const underTerms = new Map<string, Map<string, string[]>>();
  for (const folder of [...packages].sort()) {
    const { name, version, license } = readJson(join(root, folder, 'package.json'));
    const file = filesUnder(join(root, folder)).find((path) => /^licen[cs]e(?:\.\w+)?$/i.test(path));
    if (file === undefined) throw new Error(`${folder} has no licence file`);
    const whole = inLines(readFileSync(join(root, folder, file), 'utf8'));
    const text = license === 'Apache-2.0' ? whole.slice(whole.lastIndexOf('\nCopyright')).trim() : whole;
    const start = Math.max(0, text.indexOf(MIT_TERMS));
    const notices = valueIn(underTerms, text.slice(start), new Map<string, string[]>());
    valueIn(notices, text.slice(0, start), []).push(`${String(name)} ${String(version)} (${String(license)})`);
  }
  const texts = [...underTerms].map(([terms, notices]) => {
    const named = [...notices].map(([notice, names]) => `${names.join('\n')}\n${notice}`.trim());
    return `${named.join('\n')}\n${terms}`;
  });
  return `/*!\n${['esbuild made this file from these packages:', ...texts].join('\n\n').replaceAll('*/', '* /')}\n*/`;
}

/** The value of a key of `map`, which is `initial` at first. */
function valueIn<Value>(map: Map<string, Value>, key: string, initial: Value): Value {
  const value = map.get(key) ?? initial;
  map.set(key, value);
  return value;
}

const MIT_TERMS = 'Permission is hereby granted';

/** The paragraphs of a text, each in one line. */
function inLines(text: string): string {
  const paragraphs = text.split(/\n\s*\n/).map((paragraph) => paragraph.replaceAll(/\s+/g, ' ').trim());
  return paragraphs.filter((paragraph) => paragraph !== '').join('\n');
}

/** Writes `outfile`, an ES module with `sign` of the jsonwebtoken of the package at `root`. What that package depends on itself stays an import. */
export async function bundleJsonwebtoken(root: string, outfile: string): Promise<void> {
  const manifest = readJson(join(root, 'package.json'));
  const dependencies = Object.keys(asRecord(manifest['dependencies']));
  const specifiers = Object.fromEntries([
    ...builtinModules.flatMap((name) => [name, `node:${name}`].map((path) => [path, `node:${name}`] as const)),
    ...dependencies.filter((name) => name !== NAME).map((name) => [name, name] as const),
  ]);
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    stdin: { contents: `import sign from '${NAME}/sign.js';\nexport default { sign };`, resolveDir: root },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    preserveSymlinks: true,
    legalComments: 'none',
    plugins: [deciding(String(asRecord(manifest['engines'])['node'])), signingOnly(), importing(specifiers)],
    metafile: true,
    write: false,
    // Errors are thrown.
    logLevel: 'silent',
  });
  mkdirSync(dirname(outfile), { recursive: true });
  writeFileSync(
    outfile,
    `${outputFiles.map(({ text }) => text).join('')}\n${licences(root, Object.keys(metafile.inputs))}\n`,
  );
}

if (isMain(import.meta.url)) {
  const root = dirname(import.meta.dirname);
  await bundleJsonwebtoken(root, join(root, 'dist/vendor/jsonwebtoken.js'));
}
