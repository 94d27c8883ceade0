import { type AppPublication, type AppRetirement, type AppVersion, sha256 } from '@rookery/registry-protocol';
import { RegistryError } from '../errors.ts';
import type { Database, Queryable } from './database.ts';
import { isoTime } from './iso-time.ts';
import { type Page, selectNewest } from './newest.ts';

/** A document with what it says once it is normalized. */
export interface AppDocument {
  readonly id: string;
  readonly document: string;
  /** SHA-256 of the normalized document. */
  readonly operation: string;
  readonly name: string | null;
  readonly kind: string;
}

/** An app version that was seen within this time is retired by force only. */
const quietDays = 30;
/** A report refreshes the time of the last use at most this often. */
const seenEvery = '1 minute';
const maxNamed = 10;

const columns = `app::int as number, jsonb_build_object('name', client, 'version', version) as client,
  case when retired_at is not null then 'retired' when seen_at is null then 'published' else 'live' end as state,
  (select count(*)::int from registry.app_documents where app_documents.app = app_versions.app) as documents,
  author, commit, ${isoTime('published_at', 'publishedAt')}, ${isoTime('seen_at', 'lastSeen')},
  ${isoTime('retired_at', 'retiredAt')}, retired_by as "retiredBy", retired_reason as "retiredReason"`;

/** Waits until no other app version is published or retired. Holds until the transaction ends. */
const lockApps = (client: Queryable) => client.query('select pg_advisory_xact_lock(7201116)');

/** Returns the identity of a set of documents: their ids and normalized contents. */
const hashOf = (documents: readonly AppDocument[]): string =>
  sha256(JSON.stringify(documents.map(({ id, operation }) => [id, operation]).sort()));

interface Stored extends AppVersion {
  readonly hash: string;
}

const find = async (
  client: Queryable,
  environment: string,
  { name, version }: AppVersion['client'],
): Promise<Stored | undefined> => {
  const { rows } = await client.query<Stored>(
    `select ${columns}, hash from registry.app_versions where environment = $1 and client = $2 and version = $3`,
    [environment, name, version],
  );
  return rows[0];
};

const get = async (
  client: Queryable,
  environment: string,
  app: AppVersion['client'],
): Promise<AppVersion> => {
  const stored = await find(client, environment, app);
  if (stored === undefined)
    throw new RegistryError('NOT_FOUND', `There is no version ${app.version} of ${app.name}.`);
  const { hash: _, ...answer } = stored;
  return answer;
};

/**
 * Throws if another app version means another operation by the same id: a gateway could not tell which is meant.
 * @throws RegistryError CONFLICT
 */
const checkIds = async (
  client: Queryable,
  environment: string,
  documents: readonly AppDocument[],
): Promise<void> => {
  const { rows } = await client.query<{ id: string; client: string; version: string }>(
    `select distinct on (part.id) part.id, app_versions.client, app_versions.version
     from unnest($2::text[], $3::text[]) as part (id, operation)
     join registry.app_documents on app_documents.id = part.id
     join registry.app_versions on app_versions.app = app_documents.app
     join registry.documents on documents.hash = app_documents.hash
     where environment = $1 and retired_at is null and documents.operation <> part.operation
     order by part.id, app_versions.app limit ${maxNamed}`,
    [environment, documents.map(({ id }) => id), documents.map(({ operation }) => operation)],
  );
  if (rows.length === 0) return;
  const named = rows.map(({ id, client: name, version }) => `${id} (${name} ${version})`).join(', ');
  throw new RegistryError('CONFLICT', `These ids are those of other operations: ${named}.`);
};

const insertDocuments = async (
  client: Queryable,
  app: number,
  documents: readonly AppDocument[],
): Promise<void> => {
  const hashes = documents.map(({ document }) => sha256(document));
  await client.query(
    `insert into registry.documents (hash, document, operation, name, kind)
     select distinct on (1) * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
     order by 1 on conflict do nothing`,
    [
      hashes,
      documents.map(({ document }) => document),
      documents.map(({ operation }) => operation),
      documents.map(({ name }) => name),
      documents.map(({ kind }) => kind),
    ],
  );
  await client.query(
    'insert into registry.app_documents (app, id, hash) select $1, * from unnest($2::text[], $3::text[])',
    [app, documents.map(({ id }) => id), hashes],
  );
};

export interface ChangedApp {
  readonly app: AppVersion;
  /** False if nothing had to change. */
  readonly changed: boolean;
}

/**
 * Stores the documents of an app version. The same ones again change nothing, and bring a retired version back.
 * @throws RegistryError CONFLICT
 */
export const publishApp = async (
  client: Queryable,
  environment: string,
  { client: app, author, commit }: AppPublication,
  documents: readonly AppDocument[],
): Promise<ChangedApp> => {
  await lockApps(client);
  const hash = hashOf(documents);
  const known = await find(client, environment, app);
  if (known !== undefined && known.hash !== hash)
    throw new RegistryError(
      'CONFLICT',
      `Version ${app.version} of ${app.name} has other documents: a version never changes, so publish them as a new one.`,
    );
  if (known !== undefined && known.state !== 'retired')
    return { app: await get(client, environment, app), changed: false };
  await checkIds(client, environment, documents);
  if (known === undefined) {
    const { rows } = await client.query<{ app: number }>(
      `insert into registry.app_versions (environment, client, version, hash, author, commit)
       values ($1, $2, $3, $4, $5, $6) returning app::int`,
      [environment, app.name, app.version, hash, author, commit ?? null],
    );
    await insertDocuments(client, rows[0]?.app ?? 0, documents);
  } else {
    await client.query(
      `update registry.app_versions set retired_at = null, retired_by = null, retired_reason = null where app = $1`,
      [known.number],
    );
  }
  return { app: await get(client, environment, app), changed: true };
};

/** @throws RegistryError NOT_FOUND, or CONFLICT if it is in use */
export const retireApp = async (
  client: Queryable,
  environment: string,
  { client: app, author, reason, force }: AppRetirement,
): Promise<ChangedApp> => {
  await lockApps(client);
  const known = await get(client, environment, app);
  if (known.state === 'retired') return { app: known, changed: false };
  const { rowCount } = await client.query(
    `update registry.app_versions set retired_at = now(), retired_by = $2, retired_reason = $3
     where app = $1 and ($4 or seen_at is null or seen_at < now() - interval '${quietDays} days')`,
    [known.number, author, reason, force],
  );
  if (rowCount === 0)
    throw new RegistryError(
      'CONFLICT',
      `Version ${app.version} of ${app.name} was used within ${quietDays} days, the last time at ${known.lastSeen}: retire it by force if its users may lose it.`,
    );
  return { app: await get(client, environment, app), changed: true };
};

/** Returns app versions, the newest first. */
export const listApps = (database: Database, environment: string, page: Page): Promise<AppVersion[]> =>
  selectNewest(database, { table: 'app_versions', number: 'app', columns }, page, { environment });

/** Notes that requests of these app versions were reported. */
export const noteSeenApps = async (
  client: Queryable,
  environment: string,
  clients: readonly { readonly name: string | null; readonly version: string | null }[],
): Promise<void> => {
  const known = clients.filter(({ name, version }) => name !== null && version !== null);
  // Locked in one order, so that two reports never wait for each other.
  await client.query(
    `update registry.app_versions set seen_at = now() where app in (
       select app from registry.app_versions
       where environment = $1 and (client, version) in (select * from unnest($2::text[], $3::text[]))
         and (seen_at is null or seen_at < now() - interval '${seenEvery}')
       order by app for update)`,
    [environment, known.map(({ name }) => name), known.map(({ version }) => version)],
  );
};
