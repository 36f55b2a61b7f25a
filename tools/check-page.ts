/** Runs the files and commands of docs/toolchains.md, section by section. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { satisfies } from 'semver';
import { nodeOf } from './node-of.js';
import { run } from './run.js';
import type { Steps } from './steps.js';

/** A command of a page, with the text after its `#`, which it prints. */
interface Command {
  readonly line: string;
  readonly prints: string;
}

/** What a section of a page says to do. */
export interface Section {
  readonly title: string;
  /** Path -> content: the fenced blocks whose first line is a comment with a file name. */
  readonly files: Readonly<Record<string, string>>;
  /** The packages of `npm install --save-dev`. */
  readonly packages: readonly string[];
  /** The other lines of its `sh` blocks. */
  readonly commands: readonly Command[];
}

const INSTALL = /^npm install --save-dev (.+)$/;

/** The sections of a Markdown text that have commands. */
export function sectionsOf(markdown: string): Section[] {
  return markdown.split(/^(?=#{2,3} )/m).flatMap((text) => {
    const title = /^#+ (.+)/.exec(text)?.[1] ?? '';
    const blocks = Array.from(text.matchAll(/^```(\w+)\n(.*?)^```$/gms), ([, language, code = '']) => ({
      language,
      code,
    }));
    const files = blocks.flatMap(({ code }) => {
      const file = /^\/\/ ([\w./-]+)\n/.exec(code)?.[1];
      return file === undefined ? [] : [[file, code]];
    });
    const lines = blocks
      .filter(({ language }) => language === 'sh')
      .flatMap(({ code }) => code.split('\n'))
      .filter((line) => line !== '');
    const commands = lines
      .filter((line) => !INSTALL.test(line))
      .map((line) => ({ line: line.replace(/ +# .*$/, ''), prints: / +# (.*)$/.exec(line)?.[1] ?? '' }));
    const packages = lines.flatMap((line) => INSTALL.exec(line)?.[1]?.split(' ') ?? []);
    return commands.length === 0 ? [] : [{ title, files: Object.fromEntries(files), packages, commands }];
  });
}

/** The sections of the page that this check is for. `root`: of this repository. */
export function toolchains(root: string): Section[] {
  return sectionsOf(readFileSync(join(root, 'docs/toolchains.md'), 'utf8'));
}

/** `folder`: where the package and what the sections install is found. `cache`: for the Node that a section's title asks for. */
export function checkPage(steps: Steps, sections: readonly Section[], folder: string, cache: string): void {
  for (const [index, { title, files, commands }] of sections.entries()) {
    const place = join(folder, 'page', String(index));
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'package.json'), '{ "private": true }\n');
    for (const [file, text] of Object.entries(files)) writeFileSync(join(place, file), text);
    const programs = [join(folder, 'node_modules/.bin'), dirname(nodeFor(title, cache)), process.env['PATH'] ?? ''];
    const env = { PATH: programs.join(delimiter) };
    for (const { line, prints } of commands) {
      const outcome = run('sh', ['-c', line.replaceAll('npx ', 'npx --no-install ')], { cwd: place, env });
      if (!steps.expect(`${title}: ${line}`, outcome, prints)) break;
    }
  }
}

/** This Node, or a newer one for a title such as 'On Node 24.9 and newer'. */
function nodeFor(title: string, cache: string): string {
  const [, version, major = ''] = /\bNode ((\d+)\.\d+)/.exec(title) ?? [];
  return version === undefined || satisfies(process.version, `>=${version}`) ? process.execPath : nodeOf(major, cache);
}
