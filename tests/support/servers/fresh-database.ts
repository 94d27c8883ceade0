import { randomBytes } from 'node:crypto';
import { hold } from '../live-resources.ts';
import { runSql } from './run-sql.ts';
import { useServers } from './servers.ts';

export interface FreshDatabase extends AsyncDisposable {
  readonly name: string;
  readonly url: string;
  /** Drops it, with whatever connections are still open. */
  drop(): Promise<void>;
}

/**
 * An empty Postgres database of your own, on the shared server or on the one at `postgresUrl`.
 * @param template database of that server, of which it is a copy instead
 */
export async function freshDatabase(
  postgresUrl = useServers().postgresUrl,
  template = 'template1',
): Promise<FreshDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await runSql(postgresUrl, `create database ${name} template ${template}`);
  const drop = hold(`database ${name}`, async () => {
    await runSql(postgresUrl, `drop database if exists ${name} with (force)`);
  });
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  return { name, url: url.href, drop, [Symbol.asyncDispose]: drop };
}

/** A database of your own on the shared server, with prepared documents: that takes half a second less than to prepare them. */
export const databaseWithDocuments = (): Promise<FreshDatabase> => {
  const { postgresUrl, documentsTemplate } = useServers();
  return freshDatabase(postgresUrl, documentsTemplate);
};

/**
 * Returns the URL of an empty database on a MongoDB wire server, or undefined if this machine has none. Skip
 * with `it.skipIf(useServers().mongoUrl === undefined)`; the run reports this once.
 */
export function freshMongoUrl(): string | undefined {
  const { mongoUrl } = useServers();
  if (mongoUrl === undefined) return undefined;
  const url = new URL(mongoUrl);
  url.pathname = `/test_${randomBytes(8).toString('hex')}`;
  return url.href;
}

/** Returns the engines of documents that this machine has, and for each the URL of an empty database, if it needs one. */
export const documentEngines = () => {
  const postgres = { engine: 'postgres' as const, documents: () => undefined };
  const mongodb = { engine: 'mongodb' as const, documents: freshMongoUrl };
  return useServers().mongoUrl === undefined ? [postgres] : [postgres, mongodb];
};
