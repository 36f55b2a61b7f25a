import { RETENTION } from '../../shared/newest-entry.js';
import { type Script, script } from '../script.js';

/** The maximum number of entries in one page, which takes Redis about 2 ms. */
export const PAGE = 2_000;
/**
 * Entries that are joined to one text: as many as fit into the buffer of Lua. One text for all takes Redis almost twice the time, and a text for each takes
 * the client twice the time.
 */
const GROUP = 50;
/** Entries that one append examines, to remove those whose `until` has passed. */
const SOME = 4;
/** The same of a read that finds nothing new. */
const MORE = 100;
/** ms for which an entry stays after `until`: the clocks of Redis and of the application may differ. */
const MARGIN = 60_000;

/**
 * KEYS: state, entries, bell. ARGV[1]: the name of a new log.
 *
 * A member is the name of the entry, its `until` or `-`, and its text. All scores are 0, so members are in the order of their names. A name is the
 * time in ms and a random number, so that no two logs give two entries the same name.
 *
 * The last entry is never removed, and the state names it: when the two disagree, entries were lost. Then the log gets another name, and every
 * process notices.
 */
const LOG = `
local function text(number) return string.format('%.0f', number) end
local function nameOf(member) return string.match(member, '^%S+') end
local function has(name)
  return redis.call('ZRANGEBYLEX', KEYS[2], '[' .. name .. ' ', '(' .. name .. '!', 'LIMIT', '0', '1')[1] ~= nil
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local last = redis.call('ZRANGE', KEYS[2], '-1', '-1')[1]
local newest = last and nameOf(last) or ''
local state = redis.call('HMGET', KEYS[1], 'log', 'newest', 'hand')
local log = state[1]
local function renew()
  log = ARGV[1]
  redis.call('HSET', KEYS[1], 'log', log, 'newest', newest)
end
if not log or state[2] ~= newest then renew() end

-- Goes through the entries, again and again, and removes what is no longer needed. An entry stays until the next one is an hour old, so readers that
-- were away for less find their position.
local function sweep(most)
  local from = state[3] and '[' .. state[3] or '-'
  local found = redis.call('ZRANGEBYLEX', KEYS[2], from, '+', 'LIMIT', '0', text(most + 1))
  for i = 1, #found - 1 do
    local due = tonumber(string.match(found[i], '^%S+ (%S+)'))
    local successor = tonumber(string.match(found[i + 1], '^%d+'))
    if due and due < now - ${MARGIN} and successor < now - ${RETENTION} then redis.call('ZREM', KEYS[2], found[i]) end
  end
  if #found > most then
    redis.call('HSET', KEYS[1], 'hand', nameOf(found[#found]))
  elseif state[3] then
    redis.call('HDEL', KEYS[1], 'hand')
  end
end
`;

/**
 * name of a new log, random number, until or '-' and text, the newest entry that the caller knows or '', its log -> the position of the entry. When the
 * known entry is gone, entries were lost.
 */
export const APPEND: Script = script(
  LOG,
  `
if ARGV[4] ~= '' and log == ARGV[5] and not has(ARGV[4]) then renew() end
local ms, count = now, tonumber(ARGV[2])
local newestMs, newestCount = string.match(newest, '^(%d+)%-(%d+)$')
if newestMs and now <= tonumber(newestMs) then
  ms, count = tonumber(newestMs), tonumber(newestCount) + 1 + count % 65536
end
local name = string.format('%015.0f-%016.0f', ms, count)
redis.call('ZADD', KEYS[2], '0', name .. ' ' .. ARGV[3])
redis.call('HSET', KEYS[1], 'newest', name)
redis.call('XADD', KEYS[3], 'MAXLEN', '1', '*', 'e', '')
sweep(${SOME})
return log .. ':' .. name
`,
);

/** A write that changes nothing: only a primary accepts it. One that cannot write to its disk has acknowledged nothing that it does not know. */
const PROVE = `
local proof = redis.pcall('PERSIST', KEYS[1])
local isRefused = type(proof) == 'table' and proof.err
if isRefused and not string.find(proof.err, 'MISCONF', 1, true) then return proof end
`;

/**
 * name of a new log, log or '', entry after which to read or '', entries that must be there -> log, its last entry or '', last ring of the bell, texts
 *
 * The texts have a line for each entry of this page. Nothing is returned when entries were lost.
 */
export const READ: Script = script(
  PROVE,
  LOG,
  `
if ARGV[2] ~= '' and ARGV[2] ~= log then return {} end
for i = 4, #ARGV do
  if not has(ARGV[i]) then return {} end
end
local from = ARGV[3] == '' and '-' or '(' .. ARGV[3] .. '!'
local found = redis.call('ZRANGEBYLEX', KEYS[2], from, '+', 'LIMIT', '0', '${PAGE}')
local ring = redis.call('XREVRANGE', KEYS[3], '+', '-', 'COUNT', '1')[1]
if #found == 0 and not isRefused then sweep(${MORE}) end
local texts = {}
for i = 1, #found, ${GROUP} do texts[#texts + 1] = table.concat(found, '\\n', i, math.min(i + ${GROUP} - 1, #found)) end
return {log, newest, ring and ring[1] or '0-0', texts}
`,
);

/** KEYS: state, seen, readers. Removes readers that were not heard of for too long. */
const READERS = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function forget(reader)
  redis.call('HDEL', KEYS[2], reader)
  redis.call('ZREM', KEYS[3], reader)
end
local gone = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', string.format('%.0f', now), 'LIMIT', 0, 1000)
for _, reader in ipairs(gone) do forget(reader) end
`;

/** reader, position or '', life */
export const SEEN: Script = script(
  READERS,
  `
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[3], string.format('%.0f', now + ARGV[3]), ARGV[1])
return 'ok'
`,
);

/** reader */
export const LEFT: Script = script(READERS, `forget(ARGV[1]) return 'ok'`);

/** log, entry -> the number of readers that have not seen the entry; '' when it is another log */
export const BEHIND: Script = script(
  `
redis.call('PERSIST', KEYS[1])
if redis.call('HGET', KEYS[1], 'log') ~= ARGV[1] then return '' end
`,
  READERS,
  `
local function numbers(name)
  local ms, count = string.match(name, '(%d+)%-(%d+)$')
  return tonumber(ms), tonumber(count)
end
local ms, count = numbers(ARGV[2])
local behind = 0
for _, reader in ipairs(redis.call('ZRANGE', KEYS[3], '0', '-1')) do
  local position = redis.call('HGET', KEYS[2], reader) or ''
  local isSame = string.sub(position, 1, #ARGV[1] + 1) == ARGV[1] .. ':'
  local seen, seenCount = numbers(position)
  if not (isSame and seen and (seen > ms or seen == ms and seenCount >= count)) then behind = behind + 1 end
end
return string.format('%.0f', behind)
`,
);
