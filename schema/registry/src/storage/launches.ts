import { RegistryError } from '../errors.ts';
import type { Database, Queryable } from './database.ts';
import { isoTime } from './iso-time.ts';

/** Delivery of one version to the gateways of one environment. */
export interface Launch {
  readonly environment: string;
  /** Number within the environment, from 1. */
  readonly launch: number;
  readonly version: number;
  readonly action: 'promote' | 'rollback';
  readonly author: string;
  readonly reason: string | null;
  /** Milliseconds since 1970; greater than that of every launch before. */
  readonly issuedAt: number;
  readonly createdAt: string;
}

const columns = `environment, launch::int, version::int, action, author, reason, issued_at::float8 as "issuedAt",
  ${isoTime('created_at', 'createdAt')}`;

export const currentLaunch = async (client: Queryable, environment: string): Promise<Launch | undefined> => {
  const { rows } = await client.query<Launch>(
    `select ${columns} from registry.launches where environment = $1 order by launch desc limit 1`,
    [environment],
  );
  return rows[0];
};

/** Waits until no other launch of any environment begins. Holds until the transaction ends. */
const lockLaunches = (client: Queryable) => client.query('select pg_advisory_xact_lock(7201115)');

export interface NewLaunch {
  readonly environment: string;
  readonly version: number;
  readonly action: Launch['action'];
  readonly author: string;
  readonly reason?: string | undefined;
}

/** @throws RegistryError NOT_FOUND, or CONFLICT if the version does not compose */
const checkDeliverable = async (client: Queryable, version: number): Promise<void> => {
  const { rows } = await client.query<{ composes: boolean }>(
    'select supergraph is not null as composes from registry.versions where version = $1',
    [version],
  );
  const [found] = rows;
  if (found === undefined) throw new RegistryError('NOT_FOUND', `There is no version ${version}.`);
  if (!found.composes)
    throw new RegistryError('CONFLICT', `Version ${version} does not compose, so it is never delivered.`);
};

const insert = async (client: Queryable, next: NewLaunch, before: Launch | undefined): Promise<Launch> => {
  const { rows } = await client.query<Launch>(
    `insert into registry.launches (environment, launch, version, action, author, reason, issued_at)
     values ($1, $2, $3, $4, $5, $6, greatest((extract(epoch from clock_timestamp()) * 1000)::bigint, $7))
     returning ${columns}`,
    [
      next.environment,
      (before?.launch ?? 0) + 1,
      next.version,
      next.action,
      next.author,
      next.reason ?? null,
      (before?.issuedAt ?? 0) + 1,
    ],
  );
  const [launch] = rows;
  if (launch === undefined) throw new Error('the launch was not inserted');
  return launch;
};

export interface Launched {
  readonly launch: Launch;
  /** False if that version is delivered already. */
  readonly created: boolean;
}

/** Delivers a version that is newer than the one delivered. @throws RegistryError NOT_FOUND or CONFLICT */
export const promote = async (client: Queryable, next: Omit<NewLaunch, 'action'>): Promise<Launched> => {
  await lockLaunches(client);
  await checkDeliverable(client, next.version);
  const before = await currentLaunch(client, next.environment);
  if (before?.version === next.version) return { launch: before, created: false };
  if (before !== undefined && before.version > next.version)
    throw new RegistryError(
      'CONFLICT',
      `Version ${next.version} is older than version ${before.version}, which is delivered: use rollback.`,
    );
  return { launch: await insert(client, { ...next, action: 'promote' }, before), created: true };
};

/** Returns the version of the launch before the current version was first delivered. */
const versionBefore = async (client: Queryable, { environment, version }: Launch): Promise<number> => {
  const { rows } = await client.query<{ version: number }>(
    `select version::int from registry.launches where environment = $1 and version < $2
     order by version desc limit 1`,
    [environment, version],
  );
  const [found] = rows;
  if (found === undefined)
    throw new RegistryError('CONFLICT', `No version before ${version} was delivered to ${environment}.`);
  return found.version;
};

/**
 * Delivers an older version again: the given one, or the newest older one that was delivered.
 * @throws RegistryError NOT_FOUND or CONFLICT
 */
export const rollBack = async (
  client: Queryable,
  next: Omit<NewLaunch, 'action' | 'version'> & { readonly version?: number | undefined },
): Promise<Launched> => {
  await lockLaunches(client);
  const before = await currentLaunch(client, next.environment);
  if (before === undefined)
    throw new RegistryError('CONFLICT', `Nothing was delivered to ${next.environment} yet.`);
  const version = next.version ?? (await versionBefore(client, before));
  await checkDeliverable(client, version);
  if (version === before.version) return { launch: before, created: false };
  if (version > before.version)
    throw new RegistryError(
      'CONFLICT',
      `Version ${version} is newer than version ${before.version}, which is delivered: use promote.`,
    );
  return { launch: await insert(client, { ...next, version, action: 'rollback' }, before), created: true };
};

/** Returns the launches of an environment, the newest first. */
export const listLaunches = (database: Database, environment: string, limit: number): Promise<Launch[]> =>
  database.query<Launch>(
    `select ${columns} from registry.launches where environment = $1 order by launch desc limit $2`,
    [environment, limit],
  );

/** Returns the current launch with its supergraph, which gateways fetch. */
export const readDelivery = async (
  database: Database,
  environment: string,
): Promise<{ readonly launch: Launch; readonly supergraph: string } | undefined> => {
  const [row] = await database.query<Launch & { supergraph: string }>(
    `with current as (select * from registry.launches where environment = $1 order by launch desc limit 1)
     select ${columns}, supergraph from (
       select current.*, versions.supergraph from current join registry.versions using (version)
     ) as delivered`,
    [environment],
  );
  if (row === undefined) return undefined;
  const { supergraph, ...launch } = row;
  return { launch, supergraph };
};
