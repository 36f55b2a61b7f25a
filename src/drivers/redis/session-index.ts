import type { Commands } from './commands.js';
import { timeOfWrite } from './record-text.js';
import { type Script, script } from './script.js';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

/**
 * now, until, id. Adds the id, or extends its time, and removes outdated ids. Times are the application's. Entries stay one hour longer than
 * needed, because the clocks of its processes differ.
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
-- The last id without an expiry may be gone: then the index itself may expire.
local last = redis.call('ZREVRANGE', key, 0, 0, 'WITHSCORES')[2]
if last and last ~= 'inf' and redis.call('PTTL', key) == -1 then
  redis.call('PEXPIRE', key, string.format('%.0f', math.max(0, tonumber(last) - tonumber(ARGV[1])) + ${HOUR}))
end
return 'ok'
`);

/** first, last: ranks, those with the latest expiry first */
const READ: Script = script(`return redis.call('ZREVRANGE', KEYS[1], ARGV[1], ARGV[2])`);

/**
 * An index of the sessions of a user or of a lineage. It contains at least the ids of all living sessions: an id is added before its session is
 * written, and removed after the session has ended. That is safe because ids are never used again. An id without a session may belong to a
 * session that is about to be written, so only its time removes it.
 */
export class SessionIndex {
  readonly #commands: Commands;
  readonly #key: string;

  constructor(commands: Commands, key: string) {
    this.#commands = commands;
    this.#key = key;
  }

  /** `until`: from {@link coverage}. `lastAccess`: of the session, by the application's clock. */
  async enter(id: string, until: string, lastAccess: number): Promise<void> {
    await this.#commands.run(ENTER, this.#key, [timeOfWrite(lastAccess), until, id]);
  }

  async remove(ids: readonly string[]): Promise<void> {
    await this.#commands.run(REMOVE, this.#key, [String(Date.now()), ...ids]);
  }

  /** Ids of living and other sessions, those with the latest expiry first. Redis reads them in one step. */
  ids(from = 0, count: number = Number.POSITIVE_INFINITY): Promise<readonly string[]> {
    const last = count === Number.POSITIVE_INFINITY ? -1 : from + count - 1;
    return this.#commands.list(READ, this.#key, [String(from), String(last)]);
  }
}

/** Until when an index must contain a session: longer than it lives, so that few updates must extend the index. */
export function coverage(lastAccess: number, expiresAt: number | null): string {
  if (expiresAt === null) return '';
  const life = Math.max(0, expiresAt - lastAccess);
  return String(lastAccess + life + Math.min(DAY, Math.max(MINUTE, Math.round(life / 2))));
}
