import type { Commands } from './commands.js';
import { newNonce } from './nonce.js';
import { type Script, script } from './script.js';

/** -> the epoch or ''. As a write that changes nothing, which only a primary carries out, and passes on to nobody. */
const PROVE: Script = script(`
local epoch = redis.call('GET', KEYS[1])
redis.call('PERSIST', KEYS[1])
return epoch or ''
`);

/** nonce -> the epoch, begun if there is none */
const FIRST: Script = script(`
redis.call('SET', KEYS[1], '0' .. ARGV[1], 'NX')
return redis.call('GET', KEYS[1])
`);

const NUMBER = `
local function number(epoch) return tonumber(string.match(epoch or '', '^%d+')) or -1 end
local known = redis.call('GET', KEYS[1]) or nil
`;

/** epoch, nonce -> an epoch that never was: its number is higher than both, and has a nonce in case that all was lost. */
const NEXT: Script = script(
  NUMBER,
  `
local epoch = string.format('%.0f', math.max(0, number(known), number(ARGV[1])) + 1) .. ARGV[2]
redis.call('SET', KEYS[1], epoch)
return epoch
`,
);

/** epoch, 'equal' to replace one of the same number too -> what is there now: never an older one than before */
const RAISE: Script = script(
  NUMBER,
  `
if number(ARGV[1]) < number(known) or (number(ARGV[1]) == number(known) and ARGV[2] ~= 'equal') then return known end
redis.call('SET', KEYS[1], ARGV[1])
return ARGV[1]
`,
);

/**
 * Which epoch it is, as Redis keeps it: a text with a number and a nonce. One key counts. A second one, the reserve, is on
 * another node where there are several, and restores the first when that is lost.
 *
 * A new epoch is written to the reserve first: it is never older than the key that counts, unless it was lost itself, and
 * then it is restored from that key. Neither is ever replaced by an older epoch, in whatever order two processes write:
 * nothing that has ended comes back. A process that dies between the two writes leaves the reserve ahead. Its `deleteAll` did
 * not resolve, so either outcome is right, until the next process that begins or sweeps completes it. Where both are lost, a
 * new epoch begins: all sessions are lost, and none that had ended comes back.
 */
export class EpochRecord {
  readonly #key: string;
  readonly #reserve: string;

  constructor(prefix: string) {
    this.#key = `${prefix}epoch`;
    this.#reserve = `${prefix}epoch:reserve`;
  }

  async read(commands: Commands): Promise<string> {
    return (await commands.get(this.#key)) ?? this.#restore(commands);
  }

  /** The same; rejects where writes are refused. */
  async prove(commands: Commands): Promise<string> {
    return (await commands.run(PROVE, this.#key, [])) || this.#restore(commands);
  }

  /** Restores either of the two from the other. */
  async mend(commands: Commands): Promise<string> {
    const [epoch, reserve] = await Promise.all([commands.run(PROVE, this.#key, []), commands.get(this.#reserve)]);
    if (epoch === '') return this.#restore(commands);
    if (epoch === reserve) return epoch;
    const newest = await commands.run(RAISE, this.#reserve, [epoch, 'equal']);
    return newest === epoch ? epoch : commands.run(RAISE, this.#key, [newest, '']);
  }

  async next(commands: Commands): Promise<string> {
    const known = (await commands.get(this.#key)) ?? '';
    const epoch = await commands.run(NEXT, this.#reserve, [known, newNonce()]);
    return commands.run(RAISE, this.#key, [epoch, '']);
  }

  async #restore(commands: Commands): Promise<string> {
    const reserve = await commands.run(FIRST, this.#reserve, [newNonce()]);
    return commands.run(RAISE, this.#key, [reserve, '']);
  }
}

export function numberOf(epoch: string): number {
  return Number.parseInt(epoch, 10);
}
