import type { ReadyCheck } from '@rookery/service';
import { projections } from '@rookery/stores/queue';
import type { Sources } from './sources.ts';

/** Events that a projection may be behind before what is read here is no longer news. */
const farBehind = 10_000;

/**
 * Whether a write could flow to a feed that is read here: documents and feeds answer, the recorder and each
 * projection are pulling, and no projection is far behind. Reads are served also while it is not so.
 */
export const readiness = ({ places, stores, queue }: Sources): Record<string, ReadyCheck> => ({
  documents: () => Promise.any(stores.documents.map((documents) => documents.ping())),
  feeds: () => Promise.any(stores.feeds.map((feeds) => feeds.ping())),
  recorder: async () => {
    if (!(await queue.consumer('recorder')).attached) throw new Error('nobody is pulling');
  },
  ...Object.fromEntries(
    projections.map((name) => [
      name,
      async () => {
        const [consumer, now] = await Promise.all([queue.consumer(name), places.current.progress.read()]);
        if (!consumer.attached) throw new Error('nobody is pulling');
        if (consumer.waiting + consumer.inFlight > farBehind) throw new Error('far behind');
        // What has been acknowledged must show in the documents that are read here.
        if (consumer.ackFloor - now.upTo([name]) > farBehind) throw new Error('the documents are far behind');
      },
    ]),
  ),
});
