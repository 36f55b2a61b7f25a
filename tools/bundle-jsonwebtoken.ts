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

const VERSION_CHECK =
  /^(?:const|var) semver = require\('semver'\);\s*module\.exports = semver\.satisfies\(process\.version, '([^']+)'\);\s*$/;

/**
 * The licences of the packages that `inputs`, paths below `root`, come from, as one comment that bundlers keep. It is part of each bundle, so terms that
 * several licences have are in it once, after the notices of all packages under them, and white space is not kept. The terms of Apache-2.0 are those
 * of this package, and in its LICENSE: here is the notice that refers to them.
 */
function licences(root: string, inputs: readonly string[]): string {
  const packages = new Set(inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []));
  const noticesOf = new Map<string, string[]>();
  for (const folder of [...packages].sort()) {
    const { name, version, license } = readJson(join(root, folder, 'package.json'));
    const file = filesUnder(join(root, folder)).find((path) => /^licen[cs]e(?:\.\w+)?$/i.test(path));
    if (file === undefined) throw new Error(`${folder} has no licence file`);
    const whole = inLines(readFileSync(join(root, folder, file), 'utf8'));
    const text = license === 'Apache-2.0' ? whole.slice(whole.lastIndexOf('\nCopyright')).trim() : whole;
    const start = Math.max(0, text.indexOf(MIT_TERMS));
    const notice = `${String(name)} ${String(version)} (${String(license)})\n${text.slice(0, start)}`.trim();
    const terms = text.slice(start);
    noticesOf.set(terms, [...(noticesOf.get(terms) ?? []), notice]);
  }
  const texts = [...noticesOf].map(([terms, notices]) => `${notices.join('\n')}\n${terms}`);
  return `/*!\n${['esbuild made this file from these packages:', ...texts].join('\n\n').replaceAll('*/', '* /')}\n*/`;
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
    plugins: [deciding(String(asRecord(manifest['engines'])['node'])), importing(specifiers)],
    metafile: true,
    write: false,
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
