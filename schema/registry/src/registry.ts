import type { Logger } from '@rookery/runtime';
import type { Change } from '@rookery/schema/changes';
import type { Composer } from './compose/composer.ts';
import { RegistryError } from './errors.ts';
import type { Approval, Publication } from './input.ts';
import { approve, type StoredApproval } from './storage/approvals.ts';
import { noteAudit } from './storage/audit-log.ts';
import type { Database, Queryable } from './storage/database.ts';
import { type Launch, type Launched, type NewLaunch, promote, rollBack } from './storage/launches.ts';
import type { TokenHolder } from './storage/tokens.ts';
import {
  type ContentHashes,
  contentHash,
  contentsOf,
  headOf,
  insertVersion,
  lockPublications,
  readContents,
  readVersion,
  sameState,
  stateHash,
  type Version,
} from './storage/versions.ts';
import { enqueueEvent } from './storage/webhooks.ts';

export interface RegistryOptions {
  readonly database: Database;
  readonly composer: Composer;
  /** Called after each launch is stored. */
  readonly onLaunch: (launch: Launch) => void;
  readonly log: Logger;
}

export interface Published {
  readonly version: Version;
  /** False if the same content was published before, with nothing in between. */
  readonly created: boolean;
}

/** @throws RegistryError BAD_USER_INPUT if a subgraph to remove does not exist */
const apply = (before: ContentHashes, { subgraphs, remove }: Publication): ContentHashes => {
  const unknown = remove.filter((name) => !Object.hasOwn(before, name));
  if (unknown.length > 0)
    throw new RegistryError('BAD_USER_INPUT', `remove names ${unknown.join(', ')}, which no version has.`);
  const kept = Object.entries(before).filter(([name]) => !remove.includes(name));
  return Object.fromEntries([...kept, ...subgraphs.map((one) => [one.name, contentHash(one)] as const)]);
};

/** Publishes versions and delivers them. */
export class Registry {
  readonly #options: RegistryOptions;
  #publishing: Promise<unknown> = Promise.resolve();

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /**
   * Records a new version: the newest that composes, with these subgraphs. Publications run one after the other, so that
   * none is based on a state that another one has replaced.
   * @throws RegistryError
   */
  publish(publication: Publication, by: TokenHolder): Promise<Published> {
    // Those of this process wait here instead of each holding a connection.
    const published = this.#publishing.then(() =>
      this.#options.database.transaction((client) => this.#publish(client, publication, by)),
    );
    this.#publishing = published.catch(() => {});
    return published;
  }

  /** @throws RegistryError NOT_FOUND or CONFLICT */
  promote(next: Omit<NewLaunch, 'action'>, by: TokenHolder): Promise<Launched> {
    return this.#launch('promote', by, (client) => promote(client, next));
  }

  /** @throws RegistryError NOT_FOUND or CONFLICT */
  rollBack(next: Parameters<typeof rollBack>[1], by: TokenHolder): Promise<Launched> {
    return this.#launch('rollback', by, (client) => rollBack(client, next));
  }

  approve(
    approval: Approval,
    by: TokenHolder,
  ): Promise<{ readonly approval: StoredApproval; readonly created: boolean }> {
    return this.#options.database.transaction(async (client) => {
      const approved = await approve(client, approval);
      if (approved.created) {
        await noteAudit(client, by, 'approve', approved.approval);
        await enqueueEvent(client, 'change.approved', approved.approval);
      }
      return approved;
    });
  }

  /** @throws RegistryError NOT_FOUND, or CONFLICT if one of the versions does not compose */
  async diff(from: number, to: number): Promise<readonly Change[]> {
    const { database, composer } = this.#options;
    const [before, after] = await Promise.all(
      [from, to].map(async (number) => {
        const version = await readVersion(database, number);
        if (!version.composes)
          throw new RegistryError('CONFLICT', `Version ${number} does not compose, so it has no schema.`);
        return readContents(database, version.subgraphs);
      }),
    );
    return composer.diff(before ?? [], after ?? []);
  }

  async #publish(client: Queryable, publication: Publication, by: TokenHolder): Promise<Published> {
    await lockPublications(client);
    const head = await headOf(client);
    const subgraphs = apply(head?.subgraphs ?? {}, publication);
    const hash = stateHash(subgraphs);
    const same = await sameState(client, hash, head?.version ?? 0);
    if (same !== undefined) return { version: same, created: false };
    const published = new Set(publication.subgraphs.map(({ name }) => name));
    const others = await contentsOf(client, subgraphs);
    const contents = [...publication.subgraphs, ...others.filter(({ name }) => !published.has(name))];
    const { supergraph, problems } = await this.#options.composer.compose(contents);
    const version = await insertVersion(client, {
      base: head,
      hash,
      subgraphs,
      contents: publication.subgraphs,
      supergraph,
      problems,
      publication,
    });
    await noteAudit(client, by, 'publish', {
      version: version.version,
      author: version.author,
      changed: version.changed,
      composes: version.composes,
    });
    await enqueueEvent(client, 'version.published', version);
    const { log } = this.#options;
    log.info({ version: version.version, composes: version.composes }, 'a version was published');
    return { version, created: true };
  }

  async #launch(
    action: Launch['action'],
    by: TokenHolder,
    start: (client: Queryable) => Promise<Launched>,
  ): Promise<Launched> {
    const { database, onLaunch, log } = this.#options;
    const launched = await database.transaction(async (client) => {
      const result = await start(client);
      if (result.created) {
        await noteAudit(client, by, action, result.launch);
        await enqueueEvent(client, 'launch.started', result.launch);
      }
      return result;
    });
    if (launched.created) {
      const { environment, launch, version } = launched.launch;
      log.info({ environment, launch, version, action }, 'a launch began');
      onLaunch(launched.launch);
    }
    return launched;
  }
}
