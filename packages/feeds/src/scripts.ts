import { lineageLibrary } from './lineage-script.ts';
import { notedLibrary } from './noted-script.ts';

/**
 * One feed is one sorted set: item ids scored by position, all of them 1 or more, and below zero the sentinels:
 *
 *   floor            there as long as the feed is held; its score is -1 - f: every item up to position f
 *                    is left out, so that the feed has no hole between its oldest item and its newest
 *   upto             there once a fill has ended; its score is -1 - p: the feed holds the broadcasts up to position p
 *   ready:<lineage>            there once a fill has ended
 *   filling:<lineage>:<token>  a fill that runs; it may declare the feed ready only while its own mark is still there
 */
const library = `${lineageLibrary}${notedLibrary}
local floor_of = function (key) return noted(key, 'floor') end
-- A feed that an older version has filled holds no broadcasts.
local up_to_of = function (key) return noted(key, 'upto') or 0 end
local raise = function (key, floor)
  redis.call('ZREMRANGEBYSCORE', key, 1, floor)
  redis.call('ZADD', key, 'LT', -1 - floor, 'floor')
end
local trim = function (key, cap)
  if redis.call('ZCARD', key) <= cap then return end
  local excess = redis.call('ZCOUNT', key, 1, '+inf') - cap
  if excess <= 0 then return end
  local last = redis.call('ZRANGEBYSCORE', key, 1, '+inf', 'WITHSCORES', 'LIMIT', excess - 1, 1)
  raise(key, tonumber(last[2]))
end
-- Moves an item from any other position.
local put = function (key, floor, item, position)
  if position > floor then redis.call('ZADD', key, position, item) else redis.call('ZREM', key, item) end
end
-- An item that is there stays where it is: these entries were read from the documents some time ago, and whoever has
-- moved an item since has written, or will write, its new position by itself.
-- A full set of entries says nothing about what is older than its oldest.
local put_all = function (key, cap, first)
  local floor, count, oldest = floor_of(key), 0, nil
  for i = first, #ARGV, 2 do
    local position = tonumber(ARGV[i + 1])
    if position > floor then redis.call('ZADD', key, 'NX', position, ARGV[i]) end
    if oldest == nil or position < oldest then oldest = position end
    count = count + 1
  end
  if count >= cap and oldest - 1 > floor then raise(key, oldest - 1) end
  trim(key, cap)
end
local touch = function (key, ttl)
  -- To the hour, so that reading is seldom a write.
  if redis.call('TTL', key) < ttl - 3600 then redis.call('EXPIRE', key, ttl) end
end
`;

const script = (lua: string): string => library + lua;

/**
 * KEYS feeds · ARGV cap, then for each addition: how many of the feeds, how many items, and these, item and position alternately.
 * Moves items that have another position. Answers for each addition the numbers of those of its feeds that are not held.
 */
export const add = script(`
local cap, answers, at, key_at = tonumber(ARGV[1]), {}, 2, 0
while at <= #ARGV do
  local keys, last, missing = tonumber(ARGV[at]), at + 1 + 2 * tonumber(ARGV[at + 1]), {}
  for i = 1, keys do
    local key = KEYS[key_at + i]
    local floor = floor_of(key)
    if not floor then
      missing[#missing + 1] = i
    else
      for n = at + 2, last, 2 do put(key, floor, ARGV[n], tonumber(ARGV[n + 1])) end
      trim(key, cap)
    end
  end
  answers[#answers + 1] = missing
  at, key_at = last + 1, key_at + keys
end
return answers
`);

/** ARGV a message and the JSON list of its channels, alternately. Each argument and each command costs the client as much as a message. */
export const publish = `
for i = 1, #ARGV, 2 do
  for _, channel in ipairs(cjson.decode(ARGV[i + 1])) do redis.call('PUBLISH', channel, ARGV[i]) end
end
`;

/** KEYS feeds. Answers the numbers of those that are held, each with its floor. */
export const whichAreHeld = script(`
local held = {}
for i, key in ipairs(KEYS) do
  local floor = floor_of(key)
  if floor then
    held[#held + 1] = i
    held[#held + 1] = floor
  end
end
return held
`);

/** KEYS feeds · ARGV items. */
export const remove = `
for _, key in ipairs(KEYS) do redis.call('ZREM', key, unpack(ARGV)) end
`;

/** KEYS feed · ARGV cap, then item and position alternately. */
export const merge = script(`
if floor_of(KEYS[1]) then put_all(KEYS[1], tonumber(ARGV[1]), 2) end
`);

/**
 * KEYS feed · ARGV cap, from, to, then item and position alternately; position 0 removes the item. Ignored unless the feed
 * holds the broadcasts up to exactly `from`: another reader has added others meanwhile, or the feed is a new one.
 */
export const catchUp = script(`
local key, to = KEYS[1], tonumber(ARGV[3])
if not is_ready(key) then return 0 end
if up_to_of(key) ~= tonumber(ARGV[2]) then return 0 end
local floor = floor_of(key)
for i = 4, #ARGV, 2 do put(key, floor, ARGV[i], tonumber(ARGV[i + 1])) end
redis.call('ZADD', key, -1 - to, 'upto')
trim(key, tonumber(ARGV[1]))
return 1
`);

/** KEYS feed · ARGV token, seconds to live. Returns 1 if the feed is ready and needs no fill. */
export const beginFill = script(`
local key = KEYS[1]
if not begin(key, ARGV[1]) then return 1 end
redis.call('ZADD', key, 'NX', -1, 'floor')
redis.call('EXPIRE', key, ARGV[2])
return 0
`);

/**
 * KEYS feed · ARGV cap, token, seconds to live, position of the broadcasts, then item and position alternately. A missing
 * mark means that the whole feed is gone (flushed, expired, evicted), with items that were added meanwhile, or that another
 * process has filled it.
 */
export const endFill = script(`
local key = KEYS[1]
if not floor_of(key) then return end
put_all(key, tonumber(ARGV[1]), 5)
if finish(key, ARGV[2]) then
  redis.call('ZADD', key, -1 - tonumber(ARGV[4]), 'upto')
  redis.call('EXPIRE', key, ARGV[3])
end
`);

/** KEYS feed · ARGV exclusive upper bound or '+inf', how many, seconds to live. Answers nil, or floor, position of the broadcasts, and entries. */
export const before = script(`
local key = KEYS[1]
if not is_ready(key) then return nil end
touch(key, tonumber(ARGV[3]))
return { floor_of(key), up_to_of(key), redis.call('ZREVRANGEBYSCORE', key, '(' .. ARGV[1], 1, 'WITHSCORES', 'LIMIT', 0, ARGV[2]) }
`);

/**
 * KEYS feed · ARGV exclusive lower bound, inclusive upper bound, how many, seconds to live. Answers nil, or floor, position of
 * the broadcasts, and entries; no entries if the feed does not reach down to the lower bound.
 */
export const after = script(`
local key = KEYS[1]
if not is_ready(key) then return nil end
touch(key, tonumber(ARGV[4]))
local floor = floor_of(key)
if tonumber(ARGV[1]) < floor then return { floor, up_to_of(key) } end
return { floor, up_to_of(key), redis.call('ZRANGEBYSCORE', key, '(' .. ARGV[1], ARGV[2], 'WITHSCORES', 'LIMIT', 0, ARGV[3]) }
`);

/** KEYS feed. Answers nil, or all members and scores, the newest first. */
export const dump = script(`
local key = KEYS[1]
return is_ready(key) and redis.call('ZREVRANGEBYSCORE', key, '+inf', '-inf', 'WITHSCORES')
`);
