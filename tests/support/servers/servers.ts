import type { Binary } from '@rookery/stack';

/** Servers that the whole run shares, set up once by global-setup.ts. */
export interface Servers {
  /** The superuser's URL of the shared Postgres. Take a database of your own by freshDatabase(). */
  readonly postgresUrl: string;
  /** Database on it whose documents are prepared; nobody writes to it. Take a copy by databaseWithDocuments(). */
  readonly documentsTemplate: string;
  /** Server for the wire protocol of MongoDB; undefined if none is available on this machine. */
  readonly mongoUrl: string | undefined;
  readonly nats: Binary;
  readonly redis: Binary;
  /** Folder with a bundle of each program; undefined if processes start from their sources. */
  readonly bundles?: string | undefined;
  /** Scratch folder of the run; removed at its end. */
  readonly dir: string;
}

let current: Servers | undefined;

/** Says which servers this process uses: a vitest worker is told by its setup file, any other program tells itself. */
export const provideServers = (servers: Servers): void => {
  current = servers;
};

/** The servers of this run. */
export const useServers = (): Servers => {
  if (current === undefined) throw new Error('no servers: call provideServers first');
  return current;
};
