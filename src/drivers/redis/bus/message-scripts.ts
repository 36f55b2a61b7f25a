import { type Script, script } from '../script.js';

/** µs for which it is known at least whether a topic had messages. */
const REMEMBERED = 3_600_000_000;

/** KEYS[1]: the state. ARGV[1]: the epoch to begin when there is none. */
const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local state = redis.call('HMGET', KEYS[1], 'epoch', 'last')
local epoch, last = state[1], tonumber(state[2] or 0)
local function text(number) return string.format('%.0f', number) end
`;

const BEGIN = `
if not epoch then
  epoch = ARGV[1]
  redis.call('HSET', KEYS[1], 'epoch', epoch)
end
`;

/** -> epoch and number. What is published later has a higher number, also if the clock is set back. */
export const POSITION: Script = script(
  NOW,
  BEGIN,
  `
redis.call('HSET', KEYS[1], 'last', text(math.max(now, last)))
return {epoch, text(math.max(now, last))}
`,
);

/**
 * KEYS: state, stream, mark. ARGV: a new epoch, body, limit, life -> the epoch and the number of the message.
 * `gone` is the number of the last message that is not kept. Without a mark, earlier messages may have been forgotten.
 */
export const PUBLISH: Script = script(
  NOW,
  BEGIN,
  `
local number, limit, life = math.max(now, last + 1), tonumber(ARGV[3]), tonumber(ARGV[4])
local mark = redis.call('HMGET', KEYS[3], 'gone', 'last')
local gone = mark[1]
if redis.call('EXISTS', KEYS[2]) == 0 then gone = mark[2] or text(math.max(0, number - ${REMEMBERED})) end
if limit == 0 then
  redis.call('DEL', KEYS[2])
  gone = text(number)
else
  local over = redis.call('XLEN', KEYS[2]) - limit + 1
  if over > 0 then
    local dropped = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', text(over))
    gone = string.match(dropped[#dropped][1], '^%d+')
  end
  redis.call('XADD', KEYS[2], 'MAXLEN', text(limit), text(number) .. '-0', 'body', ARGV[2])
  redis.call('PEXPIRE', KEYS[2], text(life))
end
redis.call('HSET', KEYS[3], 'gone', gone, 'last', text(number))
redis.call('PEXPIRE', KEYS[3], text(life + ${REMEMBERED / 1_000}))
redis.call('HSET', KEYS[1], 'last', text(number))
redis.call('PUBLISH', KEYS[2], epoch .. ' ' .. text(number) .. ' ' .. ARGV[2])
return {epoch, text(number)}
`,
);

/**
 * KEYS: state, then stream and mark of each topic. ARGV: epoch, number -> whether nothing is missing, the epoch, then the index of the topic, the
 * number and the body of each message. In another epoch, every message is later. It writes, so that a node that was demoted to a replica refuses it.
 */
export const HISTORY: Script = script(
  NOW,
  `
redis.call('PERSIST', KEYS[1])
local after, isKnown = tonumber(ARGV[2]), epoch == ARGV[1]
if not epoch or ARGV[1] == '' or isKnown and after > math.max(now, last) then return {'0', ''} end
if not isKnown then after = 0 end
local found = {isKnown and '1' or '0', epoch}
for i = 2, #KEYS, 2 do
  local mark = redis.call('HMGET', KEYS[i + 1], 'gone', 'last')
  local messages = redis.call('XRANGE', KEYS[i], text(after + 1) .. '-0', '+')
  local gone = mark[1]
  if redis.call('EXISTS', KEYS[i]) == 0 then gone = mark[2] or text(now - ${REMEMBERED}) end
  if tonumber(gone) > after then found[1] = '0' end
  for _, message in ipairs(messages) do
    found[#found + 1] = text(i / 2 - 1)
    found[#found + 1] = string.match(message[1], '^%d+')
    found[#found + 1] = message[2][2]
  end
end
return found
`,
);
