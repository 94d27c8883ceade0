import { type Documents, openDocuments } from '@rookery/document-store';
import { type Feeds, openFeeds } from '@rookery/feeds';
import type { Queue } from '@rookery/message-queue';
import { standbyOf } from '@rookery/read-models';
import type { Config, Logger } from '@rookery/runtime';
import { keepStandby, type StandbyConsumer, type StandbyWatch } from './keep-standby.ts';

export type { StandbyConsumer, StandbyWatch };

type Settings = 'DOCUMENTS_STANDBY_URL' | 'REDIS_STANDBY_URL' | 'FEED_CAP' | 'FEED_IDLE_DAYS';

/** The part of a projection that standbys depend on. */
export interface StandbyProjection {
  readonly name: string;
  /** True if the projection writes feeds. */
  readonly feedsReaders?: boolean | undefined;
}

/** Target of one projection of a standby. */
interface StandbyTarget {
  /** Durable consumer on RECORDED. */
  readonly consumer: string;
  /** Id of the checkpoint document. */
  readonly document: string;
  readonly documents: Documents;
  readonly feeds?: Feeds | undefined;
}

export interface StandbyOptions<P extends StandbyProjection> {
  readonly config: Config<Settings>;
  /** The primary documents. */
  readonly documents: Documents;
  readonly queue: Pick<Queue, 'letGo'>;
  readonly projections: readonly P[];
  /** Starts to consume one projection into a target. */
  readonly start: (
    projection: P,
    target: StandbyTarget,
    log: Logger,
    watch: StandbyWatch,
  ) => Promise<StandbyConsumer>;
  readonly log: Logger;
}

/**
 * Feeds the configured standbys through consumers of their own, so that neither side waits for the other.
 * Standby documents have one consumer for each projection. A standby Redis of the primary documents has one
 * for the feeds, which finds the documents already written and keeps its epoch in `progress/feeds-standby`.
 */
export const startStandbys = async <P extends StandbyProjection>(
  { config, documents, queue, projections, start, log: parent }: StandbyOptions<P>,
  resources: AsyncDisposableStack,
): Promise<StandbyConsumer[]> => {
  const { DOCUMENTS_STANDBY_URL: documentsUrl, REDIS_STANDBY_URL: redisUrl } = config;
  const log = parent.child({ standby: true });
  const second =
    documentsUrl === undefined
      ? documents
      : resources.adopt(
          await openDocuments(documentsUrl, { log: log.child({ subsystem: 'documents' }) }),
          (d) => d.close(),
        );
  const { FEED_CAP: cap, FEED_IDLE_DAYS: idleDays } = config;
  const feeds =
    redisUrl === undefined
      ? undefined
      : resources.adopt(openFeeds(redisUrl, { cap, idleDays, log: log.child({ subsystem: 'feeds' }) }), (f) =>
          f.close(),
        );

  const keep = (projection: P): StandbyConsumer => {
    const { name } = projection;
    const consumer = standbyOf(name);
    const document = second === documents ? consumer : name;
    const target: StandbyTarget = { consumer, document, documents: second, feeds };
    return resources.use(
      keepStandby({
        name: consumer,
        documents: second,
        queue,
        start: (watch) => start(projection, target, log, watch),
        log: log.child({ projection: consumer }),
      }),
    );
  };
  return projections
    .filter(({ feedsReaders }) => second !== documents || feedsReaders)
    .map((projection) => keep(projection));
};
