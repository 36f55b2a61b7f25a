import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const MOST_LINES = 30;

/** The last journal lines that concern a session or user, each with the name of its journal. */
export function historyOf(folder: string, about: string): readonly string[] {
  if (about === '') return [];
  const found: string[] = [];
  for (const name of readdirSync(folder)) {
    const numbers = new Set<string>();
    for (const line of readFileSync(join(folder, name), 'utf8').split('\n')) {
      const number = /"n":(\d+)/.exec(line)?.[1];
      const isAnswer = number !== undefined && !line.startsWith('{"line":"intent"') && numbers.delete(number);
      if (!isAnswer && !line.includes(`"${about}"`)) continue;
      if (number !== undefined && !isAnswer) numbers.add(number);
      found.push(`${name}: ${line}`);
    }
  }
  return found.slice(-MOST_LINES);
}
