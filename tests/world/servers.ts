import type { Binary } from '@rookery/stack';
import { inject } from 'vitest';

/** What the whole run shares; set up once by global-setup.ts. */
export interface Servers {
  /** The superuser's URL of the shared Postgres. Take a database of your own by freshDatabase(). */
  readonly postgresUrl: string;
  /** A server on MongoDB's wire protocol; undefined where none can be had on this machine. */
  readonly mongoUrl: string | undefined;
  readonly nats: Binary;
  readonly redis: Binary;
  /** Scratch folder of the run; removed at its end. */
  readonly dir: string;
}

/** The servers of this run. Callable in test files only. */
export const useServers = (): Servers => inject('servers');
