import { type Script, script } from '../script.js';

const MOST_TABS = 1_000;
/** The maximum number of outdated entries that one call removes. */
const BATCH = 1_000;

/**
 * KEYS 1 to 5: see `BusKeys.activity`. Removes what is too old. Each entry of the hash is the time when it is forgotten, the time of the last
 * activity, and the rest as JSON.
 */
const TRIM = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(number) return string.format('%.0f', number) end
local function forget(tab)
  redis.call('HDEL', KEYS[1], tab)
  redis.call('ZREM', KEYS[2], tab)
  redis.call('ZREM', KEYS[3], tab)
end
for _, tab in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', text(now), 'LIMIT', 0, ${BATCH})) do forget(tab) end
for _, uid in ipairs(redis.call('ZRANGEBYSCORE', KEYS[5], '-inf', text(now), 'LIMIT', 0, ${BATCH})) do
  redis.call('ZREM', KEYS[4], uid)
  redis.call('ZREM', KEYS[5], uid)
end
local function known(tab)
  local value = redis.call('HGET', KEYS[1], tab)
  local over, at, rest = string.match(value or '', '^(%d+) (%d+) (.*)$')
  if over and tonumber(over) > now then return tonumber(at), rest end
end
`;

/** KEYS 6 and more: sessions. ARGV: life, then the index of the session's key, tab, at, rest and uid of each tab; no uid is ''. */
export const STAMP: Script = script(
  TRIM,
  `
local life = ARGV[1]
local over = text(now + life)
for i = 2, #ARGV, 5 do
  local session, tab, at, uid = KEYS[tonumber(ARGV[i])], ARGV[i + 1], tonumber(ARGV[i + 2]), ARGV[i + 4]
  local last, rest = known(tab)
  at = text(math.max(at, last or 0))
  local fields = rest and cjson.decode(rest) or {}
  for name, value in pairs(cjson.decode(ARGV[i + 3])) do fields[name] = value end
  redis.call('HSET', KEYS[1], tab, over .. ' ' .. at .. ' ' .. cjson.encode(fields))
  redis.call('ZADD', KEYS[2], at, tab)
  redis.call('ZADD', KEYS[3], over, tab)
  redis.call('ZADD', session, at, tab)
  if redis.call('PTTL', session) < tonumber(life) then redis.call('PEXPIRE', session, life) end
  if redis.call('ZCARD', session) > ${MOST_TABS} then forget(redis.call('ZPOPMIN', session)[1]) end
  if uid ~= '' then
    redis.call('ZADD', KEYS[4], 'GT', at, uid)
    redis.call('ZADD', KEYS[5], 'GT', over, uid)
  end
end
for i = 1, 5 do
  if redis.call('PTTL', KEYS[i]) < tonumber(life) then redis.call('PEXPIRE', KEYS[i], life) end
end
return 'ok'
`,
);

const LIST = `
local found = {}
for _, tab in ipairs(tabs) do
  local at, rest = known(tab)
  if at then
    found[#found + 1] = tab
    found[#found + 1] = text(at)
    found[#found + 1] = rest
  end
end
return found
`;

/** KEYS[6]: the session -> tab, at and rest of each */
export const TABS: Script = script(TRIM, `local tabs = redis.call('ZRANGE', KEYS[6], 0, -1)`, LIST);

/** since, limit -> tab, at and rest of each */
export const ALL_TABS: Script = script(
  TRIM,
  `local tabs = redis.call('ZREVRANGEBYSCORE', KEYS[2], '+inf', ARGV[1], 'LIMIT', 0, ARGV[2])`,
  LIST,
);

/** since, limit -> uid and at of each */
export const USERS: Script = script(
  TRIM,
  `return redis.call('ZREVRANGEBYSCORE', KEYS[4], '+inf', ARGV[1], 'WITHSCORES', 'LIMIT', 0, ARGV[2])`,
);

/** since -> the number of users */
export const COUNT_USERS: Script = script(TRIM, `return redis.call('ZCOUNT', KEYS[4], ARGV[1], '+inf')`);
