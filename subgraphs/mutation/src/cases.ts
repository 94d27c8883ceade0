import type { Documents } from '@rookery/document-store';
import { unavailable } from '@rookery/graphql-server';
import type { CaseDoc } from '@rookery/read-models';
import type { Logger } from '@rookery/runtime';

/** The newest reports of a post or user. */
interface KnownReports {
  /** Ids of the reporters. */
  readonly reporters: readonly string[];
  /** Time of the newest report, in milliseconds since the epoch; 0 if there is none. */
  readonly newestAt: number;
}

/** @throws RookeryError SERVICE_UNAVAILABLE if the documents do not answer: the reporters would not learn the outcome */
export type FindReports = (object: string) => Promise<KnownReports>;

/** @param execute calls the documents by the policy of their link */
export const createFindReports =
  (
    documents: Pick<Documents, 'collection'>,
    execute: <T>(call: () => Promise<T>) => Promise<T>,
    log: Logger,
  ): FindReports =>
  async (object) => {
    const read = () => documents.collection<CaseDoc>('cases').getMany([object]);
    const found = await execute(read).catch((error: unknown) => {
      log.debug({ error, collection: 'cases' }, 'documents did not answer');
      throw unavailable();
    });
    const reports = found.get(object)?.doc.reports ?? [];
    return {
      reporters: reports.map(({ actor }) => actor),
      newestAt: Math.max(0, ...reports.map(({ at }) => Date.parse(at))),
    };
  };
