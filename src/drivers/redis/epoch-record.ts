import type { Commands } from './commands.js';
import { newNonce } from './nonce.js';
import { type Script, script } from './script.js';

/** -> the epoch or ''. A write that changes nothing: only a primary accepts it, and it is not replicated. */
const PROVE: Script = script(`
local epoch = redis.call('GET', KEYS[1])
redis.call('PERSIST', KEYS[1])
return epoch or ''
`);

/** nonce -> the epoch; starts one when there is none */
const FIRST: Script = script(`
redis.call('SET', KEYS[1], '0' .. ARGV[1], 'NX')
return redis.call('GET', KEYS[1])
`);

const NUMBER = `
local function number(epoch) return tonumber(string.match(epoch or '', '^%d+')) or -1 end
local known = redis.call('GET', KEYS[1]) or nil
`;

/** epoch, nonce -> a new epoch: its number is higher than both, and the nonce makes it unique even when all keys were lost. */
const NEXT: Script = script(
  NUMBER,
  `
local epoch = string.format('%.0f', math.max(0, number(known), number(ARGV[1])) + 1) .. ARGV[2]
redis.call('SET', KEYS[1], epoch)
return epoch
`,
);

/** epoch, 'equal' to also replace one of the same number -> the epoch that is stored then, which is never older than before */
const RAISE: Script = script(
  NUMBER,
  `
if number(ARGV[1]) < number(known) or (number(ARGV[1]) == number(known) and ARGV[2] ~= 'equal') then return known end
redis.call('SET', KEYS[1], ARGV[1])
return ARGV[1]
`,
);

/**
 * Keeps the current epoch in Redis: a text of a number and a nonce. One key is authoritative. A second key, the reserve, is on another node of
 * a cluster, and restores the first when that is lost.
 *
 * A new epoch is written to the reserve first. So the reserve is never older than the authoritative key, unless it was lost itself; then it is
 * restored from that key. Neither key ever gets an older epoch, in whatever order processes write, so no ended session comes back.
 *
 * A process that crashes between the two writes leaves the reserve ahead. Its `deleteAll` did not resolve, so either outcome is correct; the
 * next process that starts or sweeps completes it. When both keys are lost, a new epoch starts: all sessions are lost, and no ended session
 * comes back.
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

  /** Reads the epoch with a write, which a replica refuses. */
  async prove(commands: Commands): Promise<string> {
    return (await commands.run(PROVE, this.#key, [])) || this.#restore(commands);
  }

  /** Restores either key from the other, and returns the epoch. */
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
