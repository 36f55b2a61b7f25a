import type { Commands } from './commands.js';
import { timeOfWrite } from './record-text.js';
import { type Script, script } from './script.js';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

/**
 * now, until, id. Enters the id, or keeps it for longer, and drops what is outdated. Times are the application's, and the
 * clocks of its processes differ: entries stay an hour longer than anything needs them.
 */
const ENTER: Script = script(`
local key, now = KEYS[1], tonumber(ARGV[1])
redis.call('ZADD', key, 'GT', ARGV[2] == '' and '+inf' or ARGV[2], ARGV[3])
redis.call('ZREMRANGEBYSCORE', key, '-inf', string.format('%.0f', now - ${HOUR}))
local last = redis.call('ZREVRANGE', key, 0, 0, 'WITHSCORES')[2]
if last == 'inf' then
  redis.call('PERSIST', key)
else
  redis.call('PEXPIRE', key, string.format('%.0f', math.max(0, tonumber(last) - now) + ${HOUR}))
end
return 'ok'
`);

/** now, id, ... */
const REMOVE: Script = script(`
local key = KEYS[1]
for i = 2, #ARGV do redis.call('ZREM', key, ARGV[i]) end
-- The last one without an expiry may have gone, and with it what keeps the index for good.
local last = redis.call('ZREVRANGE', key, 0, 0, 'WITHSCORES')[2]
if last and last ~= 'inf' and redis.call('PTTL', key) == -1 then
  redis.call('PEXPIRE', key, string.format('%.0f', math.max(0, tonumber(last) - tonumber(ARGV[1])) + ${HOUR}))
end
return 'ok'
`);

/** first, last: ranks, from what is entered for the longest time */
const READ: Script = script(`return redis.call('ZREVRANGE', KEYS[1], ARGV[1], ARGV[2])`);

/**
 * Ids of sessions, of a user or of a lineage, as a superset of the truth: entered before the session is written, removed
 * after it has ended, which is safe because ids never come back. An entry whose session is missing may be of one that is
 * about to be written, so that only its time ends it.
 */
export class SessionIndex {
  readonly #commands: Commands;
  readonly #key: string;

  constructor(commands: Commands, key: string) {
    this.#commands = commands;
    this.#key = key;
  }

  /** `until`: as {@link coverage} gives it. `lastAccess`: the session's, by the application's clock. */
  async enter(id: string, until: string, lastAccess: number): Promise<void> {
    await this.#commands.run(ENTER, this.#key, [timeOfWrite(lastAccess), until, id]);
  }

  async remove(ids: readonly string[]): Promise<void> {
    await this.#commands.run(REMOVE, this.#key, [String(Date.now()), ...ids]);
  }

  /** The ids that are entered, of living sessions and others, those entered for the longest time first. One step of Redis. */
  ids(from = 0, count: number = Number.POSITIVE_INFINITY): Promise<readonly string[]> {
    const last = count === Number.POSITIVE_INFINITY ? -1 : from + count - 1;
    return this.#commands.list(READ, this.#key, [String(from), String(last)]);
  }
}

/** Until when an index is to know a session: longer than it lives, so that few updates have to write the index again. */
export function coverage(lastAccess: number, expiresAt: number | null): string {
  if (expiresAt === null) return '';
  const life = Math.max(0, expiresAt - lastAccess);
  return String(lastAccess + life + Math.min(DAY, Math.max(MINUTE, Math.round(life / 2))));
}
