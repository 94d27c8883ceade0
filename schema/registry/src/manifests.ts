import { sha256 } from '@rookery/registry-protocol';
import type { Logger } from '@rookery/runtime';
import { LRUCache } from 'lru-cache';
import { RegistryError } from './errors.ts';
import type { Database } from './storage/database.ts';
import { manifestOperations, trustedApps } from './storage/trusted-documents.ts';

/** Apollo's manifest of persisted queries, as gateways get it. */
interface Manifest {
  readonly text: string;
  readonly etag: string;
}

interface Kept extends Manifest {
  /** App versions that it was made from. */
  readonly apps: string;
}

const maxKept = 100;

/** Manifests of the documents that gateways trust, by environment. They are read again when an app version changes. */
export class Manifests {
  readonly #database: Database;
  readonly #log: Logger;
  readonly #kept = new LRUCache<string, Kept>({ max: maxKept });

  constructor(database: Database, log: Logger) {
    this.#database = database;
    this.#log = log;
  }

  /** @throws RegistryError SERVICE_UNAVAILABLE if Postgres is down, and the manifest was not read before */
  async current(environment: string): Promise<Manifest> {
    const kept = this.#kept.get(environment);
    try {
      return await this.#read(environment, kept);
    } catch (error) {
      if (kept === undefined || !(error instanceof RegistryError)) throw error;
      this.#log.warn({ environment }, 'the storage is unavailable: the last manifest is delivered');
      return kept;
    }
  }

  async #read(environment: string, kept: Kept | undefined): Promise<Manifest> {
    // Read first: a change in between makes the next request read again.
    const apps = await trustedApps(this.#database, environment);
    if (kept?.apps === apps) return kept;
    const operations = await manifestOperations(this.#database, environment);
    const text = JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations });
    const manifest = { text, etag: `"${sha256(text)}"`, apps };
    this.#kept.set(environment, manifest);
    return manifest;
  }
}
