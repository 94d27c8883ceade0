import { maxAnswerBytes, RookeryError } from '@rookery/graphql-server';

/** For what is not counted: errors, extensions, and the outermost fields. */
const reservedBytes = 1_048_576;

const tooLarge = () =>
  new RookeryError(
    'BAD_USER_INPUT',
    'This is more text than one answer can hold. Ask for fewer objects at a time.',
    {
      field: 'query',
    },
  );

/**
 * The bytes that one answer may still use, shared by all fields of an operation, or of one live event. Every object is
 * counted before it is put into the answer, so an answer fits the gateway's limit whatever is asked for and stored.
 */
export interface Allowance {
  /** Uses bytes for something that cannot be left out. @throws RookeryError BAD_USER_INPUT if they are not left */
  use(bytes: number): void;
  /**
   * Reserves bytes for as many of the items as fit, in order.
   * @param sharing true if pages inside of the items need space as well: half of the remaining bytes are then
   * kept for them
   * @returns the number of items that fit; 0 only if others have used the bytes before
   * @throws RookeryError BAD_USER_INPUT if the first item does not fit into any response
   */
  useForPage(itemBytes: readonly number[], sharing: boolean): number;
}

export const createAllowance = (totalBytes = maxAnswerBytes - reservedBytes): Allowance => {
  let left = totalBytes;
  return {
    use(bytes) {
      if (bytes > left) throw tooLarge();
      left -= bytes;
    },
    useForPage(itemBytes, sharing) {
      const pageBytes = sharing ? left / 2 : left;
      let [count, used] = [0, 0];
      for (const bytes of itemBytes) {
        if (bytes > totalBytes && count === 0) throw tooLarge();
        if (used + bytes > (count === 0 ? left : pageBytes)) break;
        used += bytes;
        count += 1;
      }
      left -= used;
      return count;
    },
  };
};
