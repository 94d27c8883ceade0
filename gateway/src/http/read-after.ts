import { badInput } from '@rookery/graphql-server';
import { isId, maxReadAfter, readAfterHeader } from '@rookery/runtime';

/**
 * Returns the ids of the activities that the response must reflect, comma separated in the header.
 * @throws RookeryError BAD_USER_INPUT if one is not an id, or if there are too many
 */
export const readAfterFrom = (text: unknown): string[] => {
  if (text === undefined || text === '') return [];
  const ids = typeof text === 'string' ? text.split(',').map((id) => id.trim()) : [];
  if (ids.length === 0 || ids.length > maxReadAfter || !ids.every(isId))
    throw badInput(
      readAfterHeader,
      `${readAfterHeader} takes 1 to ${maxReadAfter} activity ids, comma separated.`,
    );
  return ids;
};
