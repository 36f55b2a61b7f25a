import { type Script, script } from './script.js';

/** ms that a trace stays after what was deleted: longer than a client goes on sending a command again. */
const TRACE_LIFE = 600_000;

/** ms after its expiry at which Redis drops an entry, to free memory. Whether it has expired, its reader judges. */
export const GRACE = 60_000;

/**
 * What every script begins with. A client may send a command again whose reply was cut off: the second time, its nonce is
 * among those of the latest eight writes, also on a tombstone or trace, and it is answered as it was the first time.
 */
const BEGINNING = `
local key = KEYS[1]
local value = redis.call('GET', key)
local tag, nonces, uid, lineage
if value then tag, nonces, uid, lineage = string.match(value, '^(%l)|([^|]*)|([^|]*)|([^|]*)|') end

local function isAgain(nonce) return nonces and string.find(nonces, nonce, 1, true) end
local function ring(nonce) return nonce .. string.sub(nonces, 1, 49) end
local function time(text) if text == '' then return math.huge end return tonumber(text) end

local function put(text, expiresAt)
  if expiresAt == '' then return redis.call('SET', key, text) end
  redis.call('SET', key, text, 'PXAT', string.format('%.0f', tonumber(expiresAt) + ${GRACE}))
end

-- With what was there gone first, Redis takes the little text even when its memory is full.
local function leaveTrace(kind, nonce)
  redis.call('DEL', key)
  redis.call('SET', key, kind .. '|' .. ring(nonce) .. '|' .. uid .. '||', 'PX', '${TRACE_LIFE}')
end
`;

const SESSION = `
local version, access, expires, indexed, rest =
  string.match(value, '^s|[^|]*|[^|]*|[^|]*|(%d+)|(%d+)|(%d*)|(%d*)|()')
`;

/** nonce, expiresAt, text -> ok | taken */
export const CREATE: Script = script(
  BEGINNING,
  `
if isAgain(ARGV[1]) then return 'ok' end
if value and tag ~= 'd' and tag ~= 'e' then return 'taken' end
put(ARGV[3], ARGV[2])
return 'ok'
`,
);

/**
 * nonce, version, the version after it, lastAccess, expiresAt, uid, until when the index knows it or '?', lineage, end of
 * the text -> ok | conflict | gone | index, uid, expiry: that user's index has to know it until then first
 */
export const UPDATE: Script = script(
  BEGINNING,
  `
if isAgain(ARGV[1]) then return 'ok' end
if tag ~= 's' then return 'gone' end`,
  SESSION,
  `
if version ~= ARGV[2] then return 'conflict' end
local newAccess, newExpires, newUid, covered = ARGV[4], ARGV[5], ARGV[6], ARGV[7]
if tonumber(access) > tonumber(newAccess) then
  newAccess = access
  if time(expires) > time(newExpires) then newExpires = expires end
end
if newUid == '' then
  covered = ''
else
  if covered == '?' and newUid == uid then covered = indexed end
  if covered == '?' or time(newExpires) > time(covered) then return 'index|' .. newUid .. '|' .. newExpires end
end
local owner = ring(ARGV[1]) .. '|' .. newUid .. '|' .. ARGV[8]
local times = newAccess .. '|' .. newExpires .. '|' .. covered
put('s|' .. owner .. '|' .. ARGV[3] .. '|' .. times .. '|' .. ARGV[9], newExpires)
return 'ok'
`,
);

/** lastAccess, expiresAt, whose index knows it, until when or '?' -> ok | gone | index, uid, expiry */
export const TOUCH: Script = script(
  BEGINNING,
  `
if tag ~= 's' then return 'gone' end`,
  SESSION,
  `
if tonumber(ARGV[1]) <= tonumber(access) then return 'ok' end
if ARGV[4] ~= '?' and ARGV[3] == uid then indexed = ARGV[4] end
if uid ~= '' and time(ARGV[2]) > time(indexed) then return 'index|' .. uid .. '|' .. ARGV[2] end
local owner = nonces .. '|' .. uid .. '|' .. lineage
local times = ARGV[1] .. '|' .. ARGV[2] .. '|' .. indexed
put('s|' .. owner .. '|' .. version .. '|' .. times .. '|' .. string.sub(value, rest), ARGV[2])
return 'ok'
`,
);

/** nonce, version, expiresAt, end of the text -> ok, uid | conflict | gone */
export const RETIRE: Script = script(
  BEGINNING,
  `
if isAgain(ARGV[1]) then return 'ok|' .. uid end
if tag ~= 's' then return 'gone' end`,
  SESSION,
  `
if version ~= ARGV[2] then return 'conflict' end
redis.call('DEL', key)
put('t|' .. ring(ARGV[1]) .. '|' .. uid .. '|' .. lineage .. '|' .. ARGV[3] .. '|' .. ARGV[4], ARGV[3])
-- Redis drops at once what has expired long ago.
if redis.call('EXISTS', key) == 0 then leaveTrace('e', ARGV[1]) end
return 'ok|' .. uid
`,
);

/** nonce -> session, uid | tombstone, uid | nothing */
export const DELETE: Script = script(
  BEGINNING,
  `
if tag == 's' then
  leaveTrace('d', ARGV[1])
elseif tag == 't' then
  leaveTrace('e', ARGV[1])
elseif not isAgain(ARGV[1]) then
  return 'nothing'
end
if tag == 's' or tag == 'd' then return 'session|' .. uid end
return 'tombstone|' .. uid
`,
);

/** nonce, uid, lineage that stays -> ended | ended before, by others | stays | nothing */
export const END: Script = script(
  BEGINNING,
  `
if not tag then return 'nothing' end
if tag == 'd' and isAgain(ARGV[1]) then return 'ended' end
if tag ~= 's' then return 'ended before' end
if uid ~= ARGV[2] or lineage == ARGV[3] then return 'stays' end
leaveTrace('d', ARGV[1])
return 'ended'
`,
);
