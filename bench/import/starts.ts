import { fileURLToPath } from 'node:url';
import { run } from '../../tools/run.js';
import { Rounds } from '../harness/rounds.js';
import { shuffle } from '../harness/shuffle.js';

/** A process that imports nothing. */
export const EMPTY = 'an empty process';

const PACKAGES = ['sessions-jwt', 'sessions-jwt/express', 'express-session', 'jsonwebtoken', 'zod', 'express'];

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** ms that a new process takes from its start to its end: it imports one package, or nothing. In each round all of them start once. */
export function startRounds(rounds: number): Rounds {
  const programs = new Map([[EMPTY, ''], ...PACKAGES.map((name): [string, string] => [name, `import '${name}';`])]);
  const samples = new Map(Array.from(programs, ([name]): [string, number[]] => [name, []]));
  // The round before the first one fills the caches of the file system.
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, code] of shuffle([...programs])) {
      const start = performance.now();
      const { code: status, stderr } = run(process.execPath, ['--input-type=module', '-e', code], { cwd: ROOT });
      if (status !== 0) throw new Error(`${name}: ${stderr}`);
      if (round >= 0) samples.get(name)?.push(performance.now() - start);
    }
  }
  return new Rounds(samples);
}
