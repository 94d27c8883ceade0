import type { AppPublication, AppRetirement } from '@rookery/registry-protocol';
import type { Logger } from '@rookery/runtime';
import type { Composer } from './compose/composer.ts';
import { RegistryError } from './errors.ts';
import { type AppDocument, type ChangedApp, publishApp, retireApp } from './storage/app-versions.ts';
import { noteAudit } from './storage/audit-log.ts';
import type { Database, Queryable } from './storage/database.ts';
import { readDelivery } from './storage/launches.ts';
import type { TokenHolder } from './storage/tokens.ts';
import { enqueueEvent } from './storage/webhooks.ts';

export interface OperationsOptions {
  readonly database: Database;
  readonly composer: Composer;
  readonly log: Logger;
}

const maxNamed = 10;
const auditActions = {
  'operations.published': 'publish-operations',
  'operations.retired': 'retire-operations',
} as const;

/** Publishes and retires the operations of app versions. */
export class Operations {
  readonly #options: OperationsOptions;

  constructor(options: OperationsOptions) {
    this.#options = options;
  }

  /**
   * Stores the documents that an app version ships with. They must be valid for the supergraph of the environment, if one was
   * delivered.
   * @throws RegistryError BAD_USER_INPUT or CONFLICT
   */
  async publish(environment: string, publication: AppPublication, by: TokenHolder): Promise<ChangedApp> {
    const documents = await this.#read(environment, publication);
    return this.#change('operations.published', environment, by, (client) =>
      publishApp(client, environment, publication, documents),
    );
  }

  /** @throws RegistryError NOT_FOUND or CONFLICT */
  retire(environment: string, retirement: AppRetirement, by: TokenHolder): Promise<ChangedApp> {
    return this.#change('operations.retired', environment, by, (client) =>
      retireApp(client, environment, retirement),
    );
  }

  async #read(environment: string, { documents }: AppPublication): Promise<AppDocument[]> {
    const { database, composer } = this.#options;
    const delivered = await readDelivery(database, environment);
    const texts = documents.map(({ document }) => document);
    const results = await composer.documents(texts, delivered?.supergraph ?? null);
    const problems: string[] = [];
    const read = documents.flatMap(({ id, document }, index) => {
      const result = results[index];
      if (result !== undefined && !('problem' in result)) return [{ id, document, ...result }];
      problems.push(`${id}: ${result?.problem}`);
      return [];
    });
    if (problems.length === 0) return read;
    const more = problems.length > maxNamed ? `; and ${problems.length - maxNamed} more` : '';
    throw new RegistryError('BAD_USER_INPUT', `${problems.slice(0, maxNamed).join('; ')}${more}`);
  }

  #change(
    type: keyof typeof auditActions,
    environment: string,
    by: TokenHolder,
    change: (client: Queryable) => Promise<ChangedApp>,
  ): Promise<ChangedApp> {
    const { database, log } = this.#options;
    return database.transaction(async (client) => {
      const result = await change(client);
      if (!result.changed) return result;
      const { client: app, state, documents } = result.app;
      await noteAudit(client, by, auditActions[type], { environment, client: app, state, documents });
      await enqueueEvent(client, type, { environment, ...result.app });
      log.info({ environment, app, state }, 'an app version changed');
      return result;
    });
  }
}
