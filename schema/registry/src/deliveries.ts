import { sha256, signSupergraph } from '@rookery/registry-protocol';
import type { Logger } from '@rookery/runtime';
import type { SigningKeys } from '@rookery/runtime/signing-keys';
import { RegistryError } from './errors.ts';
import type { Database } from './storage/database.ts';
import { currentLaunch, type Launch, readDelivery } from './storage/launches.ts';

/** A signed supergraph, as gateways get it. */
export interface Delivery {
  readonly launch: Launch;
  readonly text: string;
  readonly etag: string;
}

interface Kept extends Delivery {
  readonly kid: string;
}

/** Signed supergraphs by environment. The last one of each stays in memory, and is served while Postgres is down. */
export class Deliveries {
  readonly #database: Database;
  readonly #keys: { readonly current: SigningKeys };
  readonly #log: Logger;
  readonly #kept = new Map<string, Kept>();

  constructor(database: Database, keys: { readonly current: SigningKeys }, log: Logger) {
    this.#database = database;
    this.#keys = keys;
    this.#log = log;
  }

  /** @throws RegistryError NOT_FOUND if nothing was delivered yet, or SERVICE_UNAVAILABLE */
  async current(environment: string): Promise<Delivery> {
    const kept = this.#kept.get(environment);
    try {
      return await this.#read(environment, kept);
    } catch (error) {
      if (kept === undefined || !(error instanceof RegistryError) || error.code !== 'SERVICE_UNAVAILABLE')
        throw error;
      this.#log.warn({ environment }, 'the storage is unavailable: the last supergraph is delivered');
      return kept;
    }
  }

  async #read(environment: string, kept: Kept | undefined): Promise<Delivery> {
    const { signs } = this.#keys.current;
    if (kept?.kid === signs.kid) {
      const current = await this.#database.read((client) => currentLaunch(client, environment));
      if (current?.launch === kept.launch.launch) return kept;
    }
    const delivered = await readDelivery(this.#database, environment);
    if (delivered === undefined)
      throw new RegistryError('NOT_FOUND', `Nothing was delivered to the environment ${environment} yet.`);
    const { launch, supergraph } = delivered;
    const text = await signSupergraph(
      supergraph,
      {
        environment,
        launch: launch.launch,
        version: launch.version,
        rollback: launch.action === 'rollback',
        issuedAt: launch.issuedAt,
      },
      signs,
    );
    const next = { launch, text, etag: `"${sha256(text)}"`, kid: signs.kid };
    // A request that read earlier may end later.
    const latest = this.#kept.get(environment);
    if (latest === undefined || latest.launch.launch <= launch.launch) this.#kept.set(environment, next);
    return next;
  }
}
