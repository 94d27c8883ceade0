import { lineageLibrary } from './lineage-script.ts';

/**
 * One audience is one sorted set: feeds scored by the time of joining in microseconds, each with a score of its own, and
 * below zero the sentinels:
 *
 *   next  there as long as the audience is held; its score is that of the last feed that joined, negated
 *
 * and the marks of lineage-script.ts: whether a build has ended, or runs.
 */
const script = (lua: string): string => lineageLibrary + lua;

/** KEYS audiences · ARGV feeds. Ignores audiences that are not held. */
export const join = `
for _, key in ipairs(KEYS) do
  if redis.call('ZSCORE', key, 'next') then
    for _, feed in ipairs(ARGV) do
      redis.call('ZADD', key, -tonumber(redis.call('ZINCRBY', key, -1, 'next')), feed)
    end
  end
end
`;

/** KEYS audiences · ARGV feed. Returns the number of audiences that it has left. */
export const leave = `
local left = 0
for _, key in ipairs(KEYS) do left = left + redis.call('ZREM', key, ARGV[1]) end
return left
`;

/** KEYS audience · ARGV token, seconds to live. Returns 1 if the audience is ready and needs no build. */
export const beginBuild = script(`
if not begin(KEYS[1], ARGV[1]) then return 1 end
local now = redis.call('TIME')
redis.call('ZADD', KEYS[1], 'NX', -(tonumber(now[1]) * 1000000 + tonumber(now[2])), 'next')
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 0
`);

/**
 * KEYS audience · ARGV token. A missing mark means that the audience is gone, with feeds that have joined
 * meanwhile, or that another process has built it.
 */
export const endBuild = script(`
finish(KEYS[1], ARGV[1])
`);

/**
 * KEYS audiences · ARGV seconds to live, how many members are enough, then exclusive lower bound and limit of each audience. Answers
 * for each of them false, or the size, and members with scores. Once there are enough, the rest has no answer.
 */
export const members = script(`
local answers, left = {}, tonumber(ARGV[2])
for i, key in ipairs(KEYS) do
  if left <= 0 then break end
  if is_ready(key) then
    redis.call('EXPIRE', key, ARGV[1])
    local found = redis.call('ZRANGEBYSCORE', key, '(' .. ARGV[2 * i + 1], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[2 * i + 2])
    answers[i] = { redis.call('ZCOUNT', key, 1, '+inf'), found }
    left = left - #found / 2
  else
    answers[i] = false
  end
end
return answers
`);

/** KEYS audience · ARGV feed and score alternately. Leaves a feed that has joined again since. */
export const drop = `
for i = 1, #ARGV, 2 do
  local score = redis.call('ZSCORE', KEYS[1], ARGV[i])
  if score and tonumber(score) == tonumber(ARGV[i + 1]) then redis.call('ZREM', KEYS[1], ARGV[i]) end
end
`;
