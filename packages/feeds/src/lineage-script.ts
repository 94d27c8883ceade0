/**
 * A lineage is the replication id of the server, which a restart and the takeover by a replica change. A replica may lack
 * what its master has acknowledged last, so a feed or an audience of another lineage may be incomplete, and counts as not
 * held (docs/adr/feed-lineages.md). Its marks contain the lineage:
 *
 *   ready:<lineage>            there once a fill has ended
 *   filling:<lineage>:<token>  a fill that runs; it may end only while its own mark is still there
 */
export const lineageLibrary = `
local known_lineage
local lineage = function ()
  known_lineage = known_lineage or string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
  return known_lineage
end
local is_ready = function (key)
  return redis.call('ZSCORE', key, 'ready:' .. lineage())
end
-- Drops what another lineage has left: a fill adds what is missing, and does not mend what it finds.
local begin = function (key, token)
  local mine = lineage()
  for _, mark in ipairs(redis.call('ZRANGEBYSCORE', key, '-inf', '-inf')) do
    if mark == 'ready:' .. mine then return false end
    if string.sub(mark, 1, 9 + #mine) ~= 'filling:' .. mine .. ':' then
      redis.call('DEL', key)
      break
    end
  end
  redis.call('ZADD', key, '-inf', 'filling:' .. mine .. ':' .. token)
  return true
end
local finish = function (key, token)
  local mine = lineage()
  if not redis.call('ZSCORE', key, 'filling:' .. mine .. ':' .. token) then return false end
  redis.call('ZREMRANGEBYSCORE', key, '-inf', '-inf')
  redis.call('ZADD', key, '-inf', 'ready:' .. mine)
  return true
end
`;
