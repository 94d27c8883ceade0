import { DocumentsUnavailableError, StatementTimeoutError } from '@rookery/document-store';

/** Adaptive size of the batches that are sent to the document store. */
export interface AdaptiveBatchSize {
  /** Number of items in the next attempt. Halved after a timeout, and increased slowly after a success. */
  readonly size: number;
  /** Runs an attempt and adapts the size to its outcome. Passes on the result or error. */
  tried<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * Creates an adaptive batch size. A slow store looks like one that is down: neither answers in time.
 * Repeating the same batch might never succeed, so each timeout halves the size. The size grows slowly, so
 * that a task of several attempts usually completes.
 */
export const createAdaptiveBatchSize = (maxSize: number): AdaptiveBatchSize => {
  let size = maxSize;
  return {
    get size() {
      return size;
    },
    async tried(work) {
      try {
        const done = await work();
        size = Math.min(maxSize, size + Math.ceil(size / 32));
        return done;
      } catch (error) {
        if (error instanceof DocumentsUnavailableError || error instanceof StatementTimeoutError)
          size = Math.max(1, Math.floor(size / 2));
        throw error;
      }
    },
  };
};
