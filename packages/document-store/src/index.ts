import { isPostgresAddress, splitHosts } from '@rookery/postgres';
import { ConfigError, type Logger } from '@rookery/runtime';
import type { OnCall } from './engine.ts';
import { openLive } from './live.ts';
import type { Documents } from './types.ts';

export type { Bulk, CountedSets } from './engine.ts';
export { DocumentsUnavailableError, StatementTimeoutError } from './errors.ts';
export { leaseMs, pointerId } from './generations.ts';
export type * from './types.ts';

export interface DocumentsOptions {
  /**
   * Name of the base set of collections; the generations of rebuilds are stored next to it. Postgres: the
   * schema, `documents` by default; MongoDB: a prefix of the collections, none by default.
   */
  readonly namespace?: string;
  /**
   * The address is one replica, which is only read. A single one, because what one replica shows another may not show yet:
   * then a checkpoint would tell of documents that are not there.
   */
  readonly replica?: boolean;
  /**
   * Postgres answers reads by id that are asked for in the same turn of the event loop by one statement. For processes that
   * read by id from many collections at once.
   */
  readonly joinsGets?: boolean;
  readonly log: Logger;
  /** Receives the duration of each call, also of one that fails. */
  readonly onCall?: OnCall | undefined;
}

/**
 * Opens the document store of the URL; the first call connects. Only the driver of that store is loaded.
 * @throws ConfigError if the URL is not supported
 */
export const openDocuments = async (
  url: string,
  { namespace, replica = false, joinsGets = false, log, onCall }: DocumentsOptions,
): Promise<Documents> => {
  if (namespace !== undefined && !/^[a-z][a-z0-9_]{0,39}$/.test(namespace)) {
    throw new ConfigError('the name of a set of documents is 1 to 40 of a-z, 0-9 and _');
  }
  if (replica && isSeveral(url)) {
    throw new ConfigError(
      'a replica of the documents is one server: postgres://host/… or mongodb://host/…?directConnection=true',
    );
  }
  if (/^mongodb(\+srv)?:\/\//.test(url)) {
    const { openMongo } = await import('./mongo.ts');
    return openLive(openMongo(url, log, { replica, onCall }), namespace);
  }
  if (isPostgresAddress(url)) {
    const { openPostgres } = await import('./postgres.ts');
    return openLive(openPostgres(url, log, { joinsGets, onCall }), namespace);
  }
  throw new ConfigError('the address of the documents must be mongodb://… or postgres://…');
};

/** Returns whether a client of this address may read from different servers. */
const isSeveral = (url: string): boolean =>
  url.startsWith('mongodb') ? !/[?&]directConnection=true(&|$)/.test(url) : splitHosts(url).length > 1;
