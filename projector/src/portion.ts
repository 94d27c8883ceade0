import { DocumentsUnavailable, StatementTimeout } from '@rookery/stores/documents';

/** How much is given to the document store at a time. */
export interface Portion {
  /** Things of one try: fewer after a try that was not answered in time, and slowly more after one that was. */
  readonly size: number;
  /** Does something with so many, and learns from how it ends, which stays as it is. */
  tried<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * A store that is slow looks like one that is away: no answer in time. Who gave it the same amount again and again
 * would never end; so each try that fails in that way is followed by one with half as much. It grows so slowly that
 * what consists of several tries, all of which have to be answered, is as a rule.
 */
export const createPortion = (most: number): Portion => {
  let size = most;
  return {
    get size() {
      return size;
    },
    async tried(work) {
      try {
        const done = await work();
        size = Math.min(most, size + Math.ceil(size / 32));
        return done;
      } catch (error) {
        if (error instanceof DocumentsUnavailable || error instanceof StatementTimeout)
          size = Math.max(1, Math.floor(size / 2));
        throw error;
      }
    },
  };
};
