/** Part of scripts: `noted(key, name)` returns what a member below zero notes, whose score is -1 - value; false if it is not there. */
export const notedLibrary = `
local noted = function (key, name)
  local score = redis.call('ZSCORE', key, name)
  return score and -1 - tonumber(score)
end
`;
