import type { Documents } from '@rookery/document-store';
import { type Apply, createFanOut, createLiveApply } from '@rookery/projector';
import type { Projection } from '@rookery/read-models/reducers';
import { createLog } from '@rookery/runtime';
import type { Context } from './command.ts';

/** Returns what applies events to a projection again, as a projector does. */
export const liveApply = (projection: Projection, { stores, config }: Context): Apply => {
  const fanOut = (documents: Documents) =>
    createFanOut({
      documents,
      feeds: stores.feeds,
      cap: config.FEED_CAP,
      limit: config.FANOUT_LIMIT,
      log: createLog('ops', 'silent'),
    });
  return createLiveApply(projection, { documents: stores.documents, fanOut });
};
