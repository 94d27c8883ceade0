import type { Readiness } from '@rookery/runtime';
import type { Sources } from './sources.ts';

/**
 * Reads need the documents, however old they are: an answer says `stale` if it had to be given without the viewer's own
 * writes. Feeds come from the documents if Redis is unavailable, and the queue is asked about activities only.
 */
export const readiness = ({ replicas, stores, queue }: Sources): Readiness => ({
  // Read and not pinged: before the projector has made the tables, no read succeeds.
  atStart: { documents: () => replicas.current.progress.read() },
  shown: {
    feeds: () => Promise.any(stores.feeds.map((feeds) => feeds.ping())),
    queue: () => queue.ping(),
  },
});
