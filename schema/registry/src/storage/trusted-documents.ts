import type { TrustedDocuments } from '@rookery/registry-protocol';
import type { Database } from './database.ts';

const trusted = `registry.app_versions join registry.app_documents using (app)
  join registry.documents on documents.hash = app_documents.hash
  where environment = $1 and retired_at is null`;

/** Returns the documents of all app versions that are not retired. */
export const readTrusted = (
  database: Database,
  environment: string,
): Promise<TrustedDocuments['documents']> =>
  database.query<TrustedDocuments['documents'][number]>(
    `select id, document, jsonb_build_object('name', client, 'version', version) as client
     from ${trusted} order by app, id`,
    [environment],
  );

/** Returns the numbers of the app versions that are not retired: their documents never change. */
export const trustedApps = async (database: Database, environment: string): Promise<string> => {
  const [row] = await database.query<{ apps: string }>(
    `select coalesce(string_agg(app::text, ' ' order by app), '') as apps from registry.app_versions
     where environment = $1 and retired_at is null`,
    [environment],
  );
  return row?.apps ?? '';
};

export interface ManifestOperation {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly body: string;
}

/** Returns the documents that gateways trust, each once. */
export const manifestOperations = (database: Database, environment: string): Promise<ManifestOperation[]> =>
  database.query<ManifestOperation>(
    `select distinct id, coalesce(documents.name, '') as name, kind as type, document as body
     from ${trusted} order by id, body`,
    [environment],
  );
