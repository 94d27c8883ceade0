import { type Documents, openDocuments } from '@rookery/document-store';
import { openFeeds } from '@rookery/feeds';
import { standbyOf } from '@rookery/read-models';
import { type Projection, projections } from '@rookery/read-models/reducers';
import type { Config } from '@rookery/runtime';
import type { Consumer } from './consume.ts';
import { keepStandby } from './standby.ts';
import { type Shared, startProjection, type Target } from './start-projection.ts';

type Settings = 'DOCUMENTS_STANDBY_URL' | 'REDIS_STANDBY_URL' | 'FEED_CAP' | 'FEED_IDLE_DAYS';

/**
 * Feeds the configured standbys through consumers of their own, so that neither side waits for the other.
 * Standby documents have one consumer for each projection. A standby Redis of the primary documents has one
 * for the feeds, which finds the documents already written and keeps its epoch in `progress/feeds-standby`.
 */
export const startStandbys = (
  {
    config,
    documents,
    ...shared
  }: { readonly documents: Documents } & Omit<Shared, 'config'> & {
      readonly config: Shared['config'] & Config<Settings>;
    },
  resources: AsyncDisposableStack,
): Consumer[] => {
  const { DOCUMENTS_STANDBY_URL: documentsUrl, REDIS_STANDBY_URL: redisUrl } = config;
  if (documentsUrl === undefined && redisUrl === undefined) return [];
  const log = shared.log.child({ standby: true });
  const second =
    documentsUrl === undefined
      ? documents
      : resources.adopt(openDocuments(documentsUrl, { log: log.child({ subsystem: 'documents' }) }), (d) =>
          d.close(),
        );
  const { FEED_CAP: cap, FEED_IDLE_DAYS: idleDays } = config;
  const feeds =
    redisUrl === undefined
      ? undefined
      : resources.adopt(openFeeds(redisUrl, { cap, idleDays, log: log.child({ subsystem: 'feeds' }) }), (f) =>
          f.close(),
        );

  const keep = (projection: Projection): Consumer => {
    const { name } = projection;
    const consumer = standbyOf(name);
    const document = second === documents ? consumer : name;
    const target: Target = { consumer, document, documents: second, feeds };
    return resources.use(
      keepStandby({
        name: consumer,
        documents: second,
        queue: shared.queue,
        start: (watch) => startProjection(projection, target, { config, ...shared, log }, watch),
        log: log.child({ projection: consumer }),
      }),
    );
  };
  return projections
    .filter(({ feedsReaders }) => second !== documents || feedsReaders)
    .map((projection) => keep(projection));
};
