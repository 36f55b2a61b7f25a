import { type Script, script } from './script.js';

/** ms for which a trace of a deleted entry stays: longer than a client retries a command. */
const TRACE_LIFE = 600_000;

/**
 * ms for which Redis keeps an entry after it expired. Redis only frees memory: the reader decides whether an entry has expired, and its clock
 * may be minutes behind the writer's.
 */
const GRACE = 600_000;

/** The number of writes whose nonces are kept with an entry, and the length of a nonce. */
const WRITES = 8;
const NONCE = 17;

/**
 * The beginning of every script. A client may repeat a command whose reply was lost. Then the nonce of the command is among those of the
 * latest eight writes, which tombstones and traces keep too. A repeated command succeeds only if the entry is in the state that it asked for,
 * or in a state that can only follow.
 *
 * The lifetime in Redis is counted from the time of the write by the application's clock, so that the clock of Redis may differ.
 */
const BEGINNING = `
local key = KEYS[1]
local value = redis.call('GET', key)
local tag, nonces, uid, lineage, version, access, expires, indexed, rest
if value then
  tag, nonces, uid, lineage, version, access, expires, indexed, rest =
    string.match(value, '^(%l)|([^|]*)|([^|]*)|([^|]*)|(%d*)|?(%d*)|?(%d*)|?(%d*)|?()')
end

local function isAgain(nonce) return nonces and string.find(nonces, nonce, 1, true) end
local function ring(nonce) return nonce .. string.sub(nonces, 1, ${(WRITES - 1) * NONCE}) end
local function time(text) if text == '' then return math.huge end return tonumber(text) end
local function life(from, expiresAt) return tonumber(expiresAt) - tonumber(from) + ${GRACE} end

local function put(text, from, expiresAt)
  if expiresAt == '' then return redis.call('SET', key, text) end
  local left = life(from, expiresAt)
  if left <= 0 then return redis.call('DEL', key) end
  redis.call('SET', key, text, 'PX', string.format('%.0f', left))
end
`;

/** Leaves something short where an entry was. */
const LEAVING = `
-- Deleting first frees memory, so that Redis accepts the short text even when its memory is full.
local function leaveTrace(kind, nonce)
  redis.call('DEL', key)
  redis.call('SET', key, kind .. '|' .. ring(nonce) .. '|' .. uid .. '|' .. lineage .. '|', 'PX', '${TRACE_LIFE}')
end
local function leaveTombstone(nonce, at, expiresAt, rest)
  redis.call('DEL', key)
  put('t|' .. ring(nonce) .. '|' .. uid .. '|' .. lineage .. '|' .. expiresAt .. '|' .. rest, at, expiresAt)
  -- The tombstone had expired long before it was written.
  if redis.call('EXISTS', key) == 0 then leaveTrace('e', nonce) end
end
`;

/** nonce, time of the write, expiresAt, text -> ok | taken */
export const CREATE: Script = script(
  BEGINNING,
  `
-- In whatever state the entry is: only the first attempt can have left this nonce.
if isAgain(ARGV[1]) then return 'ok' end
if value and tag ~= 'd' and tag ~= 'e' then return 'taken' end
put(ARGV[4], ARGV[2], ARGV[3])
return 'ok'
`,
);

/**
 * nonce, version, the version after it, lastAccess, expiresAt, uid, until when the indexes contain it or '?', lineage, end of the
 * text, time of the write -> ok | conflict | gone | index, uid, lineage, expiry: these indexes must contain it until then first
 */
export const UPDATE: Script = script(
  BEGINNING,
  `
if tag ~= 's' then return isAgain(ARGV[1]) and 'ok' or 'gone' end
if isAgain(ARGV[1]) and tonumber(version) >= tonumber(ARGV[3]) then return 'ok' end
if version ~= ARGV[2] then return 'conflict' end
local newAccess, newExpires, newUid, covered, newLineage = ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8]
if tonumber(access) > tonumber(newAccess) then
  newAccess = access
  if time(expires) > time(newExpires) then newExpires = expires end
end
if newUid == '' then
  covered = ''
else
  if covered == '?' and newUid == uid and newLineage == lineage then covered = indexed end
  if covered == '?' or time(newExpires) > time(covered) then
    return 'index|' .. newUid .. '|' .. newLineage .. '|' .. newExpires
  end
end
put('s|' .. ring(ARGV[1]) .. '|' .. newUid .. '|' .. newLineage .. '|' .. ARGV[3] .. '|' .. newAccess .. '|' .. newExpires .. '|' ..
  covered .. '|' .. ARGV[9], ARGV[10], newExpires)
return 'ok'
`,
);

/**
 * lastAccess, expiresAt, time of the write, uid, lineage, until when their indexes contain it or '?'
 * -> ok | gone | index, uid, lineage, expiry
 */
export const TOUCH: Script = script(
  BEGINNING,
  `
if tag ~= 's' then return 'gone' end
if tonumber(ARGV[1]) <= tonumber(access) then
  -- A process whose clock is ahead wrote it: by the clock of this process, the session lives longer.
  if expires ~= '' and redis.call('PTTL', key) < life(ARGV[3], expires) then
    redis.call('PEXPIRE', key, string.format('%.0f', life(ARGV[3], expires)))
  end
  return 'ok'
end
if ARGV[6] ~= '?' and ARGV[4] == uid and ARGV[5] == lineage then indexed = ARGV[6] end
if uid ~= '' and time(ARGV[2]) > time(indexed) then
  return 'index|' .. uid .. '|' .. lineage .. '|' .. ARGV[2]
end
put('s|' .. nonces .. '|' .. uid .. '|' .. lineage .. '|' .. version .. '|' .. ARGV[1] .. '|' .. ARGV[2] .. '|' ..
  indexed .. '|' .. string.sub(value, rest), ARGV[3], ARGV[2])
return 'ok'
`,
);

/** nonce, version or '' for any, time of the write, expiresAt, end of the text -> ok, uid, lineage | conflict | gone */
export const RETIRE: Script = script(
  BEGINNING,
  LEAVING,
  `
if tag ~= 's' then
  if isAgain(ARGV[1]) then return 'ok|' .. uid .. '|' .. lineage end
  return 'gone'
end
if ARGV[2] ~= '' and version ~= ARGV[2] then return 'conflict' end
leaveTombstone(ARGV[1], ARGV[3], ARGV[4], ARGV[5])
return 'ok|' .. uid .. '|' .. lineage
`,
);

/** nonce -> session, uid, lineage | tombstone | nothing */
export const DELETE: Script = script(
  BEGINNING,
  LEAVING,
  `
if tag == 's' then
  leaveTrace('d', ARGV[1])
elseif tag == 't' then
  leaveTrace('e', ARGV[1])
elseif not isAgain(ARGV[1]) then
  return 'nothing'
end
return (tag == 's' or tag == 'd') and 'session|' .. uid .. '|' .. lineage or 'tombstone|' .. uid .. '|' .. lineage
`,
);

/**
 * nonce, uid, two lineages that stay, time of the write, expiresAt and end of the tombstone or '' for a trace
 * -> ended, uid, lineage | ended before, uid, lineage: by another call | stays | nothing
 */
export const END: Script = script(
  BEGINNING,
  LEAVING,
  `
if not tag then return 'nothing' end
if tag ~= 's' then return (isAgain(ARGV[1]) and 'ended|' or 'ended before|') .. uid .. '|' .. lineage end
if uid ~= ARGV[2] or lineage == ARGV[3] or lineage == ARGV[4] then return 'stays' end
if ARGV[6] == '' then
  leaveTrace('d', ARGV[1])
else
  leaveTombstone(ARGV[1], ARGV[5], ARGV[6], ARGV[7])
end
return 'ended|' .. uid .. '|' .. lineage
`,
);
