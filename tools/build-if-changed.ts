/**
 * Builds the package, unless it is built already. A build begins by removing `dist`, so with it a second `npm start` would take away
 * what the first one serves.
 */
import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import { isUpToDate } from './up-to-date.js';

/** Written by the last step of a build. */
const BUILT = 'dist/node/index.js';
const SOURCES = [
  'src',
  'tools',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'tsconfig.client.json',
];

process.chdir(dirname(import.meta.dirname));
if (!isUpToDate(BUILT, SOURCES)) {
  console.log('Building the package. This takes some seconds.');
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit', shell: process.platform === 'win32' });
}
