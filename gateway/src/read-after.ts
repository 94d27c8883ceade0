import { badInput, isId, maxReadAfter, readAfterHeader } from '@rookery/service';

/**
 * The activities that the client wants reflected in the answer: ids, comma separated.
 * @throws RookeryError BAD_USER_INPUT where one is not an id, or where there are too many
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
