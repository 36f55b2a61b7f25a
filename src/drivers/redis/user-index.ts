import type { Commands } from './commands.js';
import type { Keys } from './keys.js';
import { GRACE } from './record-scripts.js';
import { type Script, script } from './script.js';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** ms that an entry stays when nothing needs it any more: longer than Redis, by the same clock, keeps what it led to. */
const STAY = 2 * GRACE;

/**
 * 'GT' (enter, or keep for longer) | 'LT' (keep for less long), until, id; or 'remove', id, ... Whatever it is called
 * for, it removes what is outdated, and has the index expire with its last entry.
 */
const WRITE: Script = script(`
local key = KEYS[1]
if ARGV[1] == 'remove' then
  for i = 2, #ARGV do redis.call('ZREM', key, ARGV[i]) end
else
  local score = ARGV[2] == '' and '+inf' or ARGV[2]
  if ARGV[1] == 'GT' then
    redis.call('ZADD', key, 'GT', score, ARGV[3])
  else
    redis.call('ZADD', key, 'XX', 'LT', score, ARGV[3])
  end
end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
redis.call('ZREMRANGEBYSCORE', key, '-inf', string.format('%.0f', now - ${STAY}))
local last = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')[2]
if last == 'inf' then
  redis.call('PERSIST', key)
elseif last then
  redis.call('PEXPIREAT', key, string.format('%.0f', tonumber(last) + ${STAY}))
end
return 'ok'
`);

const READ: Script = script(`return redis.call('ZRANGE', KEYS[1], 0, -1)`);

/*
 * The ids of a user's sessions, as a superset of the truth: entered before the session is written, removed after it is
 * deleted, which is safe because ids never come back. An entry whose session is missing may be of one that is about to be
 * written, so that nothing but its time ends it.
 */

/** Until when the index is to know a session: longer than it lives, so that few updates have to write the index again. */
export function coverage(lastAccess: number, expiresAt: number | null): string {
  if (expiresAt === null) return '';
  const slack = Math.round((expiresAt - lastAccess) / 2);
  return String(expiresAt + Math.min(DAY, Math.max(MINUTE, slack)));
}

/** Enters a session. `until`: as {@link coverage} gives it. */
export async function enter(commands: Commands, index: string, id: string, until: string): Promise<void> {
  await commands.run(WRITE, index, ['GT', until, id]);
}

/**
 * What a script answers once the index knows the session for long enough. Mostly it does when the script runs first;
 * else the script says whose index is to know it and until when its session lives, and runs again afterwards.
 */
export async function indexedFirst(
  commands: Commands,
  keys: Keys,
  id: string,
  lastAccess: number,
  run: (uid: string, until: string) => Promise<string>,
): Promise<string> {
  let [reply = '', uid = '', expiry = ''] = (await run('', '?')).split('|');
  while (reply === 'index') {
    const until = coverage(lastAccess, expiry === '' ? null : Number(expiry));
    await enter(commands, keys.user(uid), id, until);
    [reply = '', uid = '', expiry = ''] = (await run(uid, until)).split('|');
  }
  return reply;
}

/** Removes entries. When that fails, they go by their time. */
export async function remove(commands: Commands, index: string, ids: readonly string[]): Promise<void> {
  await commands.run(WRITE, index, ['remove', ...ids]).catch(() => {});
}

/** All ids that are entered, of living sessions and others. */
export function entered(commands: Commands, index: string): Promise<readonly string[]> {
  return commands.list(READ, index, []);
}
