import { notedLibrary } from './noted-script.ts';

/*
 * One segment is one sorted set: item ids scored by position, all of them 1 or more, and below zero its range and its age:
 * `low`, `high` and `asof`, each scored -1 - position.
 */

/**
 * KEYS segments · ARGV asc or desc, exclusive bound, how many at most, how many at least. Answers nil unless one segment has as many
 * entries in this direction, or reaches to the end of the feed; otherwise its age and the entries.
 */
export const read = `${notedLibrary}
local bound, limit, least = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
for _, key in ipairs(KEYS) do
  local low, high = noted(key, 'low'), noted(key, 'high')
  local entries
  if low and ARGV[1] == 'desc' and bound > low and bound - 1 <= high then
    entries = redis.call('ZREVRANGEBYSCORE', key, '(' .. ARGV[2], low, 'WITHSCORES', 'LIMIT', 0, limit)
    if #entries < 2 * least and low > 1 then entries = nil end
  elseif low and ARGV[1] == 'asc' and bound < high and bound + 1 >= low then
    entries = redis.call('ZRANGEBYSCORE', key, '(' .. ARGV[2], high, 'WITHSCORES', 'LIMIT', 0, limit)
    if #entries < 2 * least then entries = nil end
  end
  if entries then return { noted(key, 'asof'), entries } end
end
return nil
`;

/** KEYS segments · ARGV low, high, age, age of those to drop, seconds to live, then item and position alternately. */
export const keep = `${notedLibrary}
local chosen, least
for _, key in ipairs(KEYS) do
  local as_of = noted(key, 'asof')
  if as_of and as_of < tonumber(ARGV[4]) then
    redis.call('DEL', key)
    as_of = nil
  end
  local ttl = as_of and redis.call('PTTL', key) or -1
  if not least or ttl < least then chosen, least = key, ttl end
end
redis.call('DEL', chosen)
for i, name in ipairs({ 'low', 'high', 'asof' }) do redis.call('ZADD', chosen, -1 - tonumber(ARGV[i]), name) end
for i = 6, #ARGV, 2 do redis.call('ZADD', chosen, ARGV[i + 1], ARGV[i]) end
redis.call('EXPIRE', chosen, ARGV[5])
return 1
`;
