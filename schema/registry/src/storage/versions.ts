import { sha256 } from '@rookery/registry-protocol';
import type { Problem } from '../compose/messages.ts';
import { RegistryError } from '../errors.ts';
import type { Publication } from '../input.ts';
import type { Database, Queryable } from './database.ts';
import { isoTime } from './iso-time.ts';
import { type Page, selectNewest } from './newest.ts';

export interface Subgraph {
  readonly name: string;
  readonly sdl: string;
  readonly address: string;
}

/** Hashes of the contents of all subgraphs, by name. */
export type ContentHashes = Readonly<Record<string, string>>;

/** One state of all subgraphs. It never changes. */
export interface Version {
  readonly version: number;
  /** Version that it was published on; null for the first. */
  readonly base: number | null;
  /** SHA-256 of the contents of all subgraphs. */
  readonly hash: string;
  readonly subgraphs: ContentHashes;
  /** Names of the subgraphs that differ from those of the base. */
  readonly changed: readonly string[];
  /** False: it is recorded with its problems, and never delivered. */
  readonly composes: boolean;
  readonly problems: readonly Problem[];
  readonly author: string;
  readonly commit: string | null;
  readonly message: string | null;
  readonly publishedAt: string;
}

/** Lock that a publication holds, so that each is based on the one before; the number is arbitrary. */
const publicationLock = 7_201_114;

export const contentHash = ({ name, sdl, address }: Subgraph): string =>
  sha256(JSON.stringify([name, address, sdl]));

/** Returns the hash of a whole state; it depends on the contents alone. */
export const stateHash = (subgraphs: ContentHashes): string =>
  sha256(JSON.stringify(Object.entries(subgraphs).sort(([a], [b]) => (a < b ? -1 : 1))));

const columns = `version::int, base::int, hash, subgraphs, changed, supergraph is not null as composes, problems, author,
  commit, message, ${isoTime('published_at', 'publishedAt')}`;

/** Waits until no other publication runs, in any replica. Holds until the transaction ends. */
export const lockPublications = async (client: Queryable): Promise<void> => {
  await client.query("set local statement_timeout = '55s'");
  await client.query('select pg_advisory_xact_lock($1)', [publicationLock]);
};

/** Returns the newest version that composes: what the next publication is based on. */
export const headOf = async (client: Queryable): Promise<Version | undefined> => {
  const { rows } = await client.query<Version>(
    `select ${columns} from registry.versions where supergraph is not null order by version desc limit 1`,
  );
  return rows[0];
};

/** Returns the version with this state, unless a newer one took its place: the head, or a failure after it. */
export const sameState = async (
  client: Queryable,
  hash: string,
  head: number,
): Promise<Version | undefined> => {
  const { rows } = await client.query<Version>(
    `select ${columns} from registry.versions where hash = $1 and version >= $2 order by version desc limit 1`,
    [hash, head],
  );
  return rows[0];
};

export const contentsOf = async (client: Queryable, hashes: ContentHashes): Promise<Subgraph[]> => {
  const { rows } = await client.query<Subgraph>(
    'select name, sdl, address from registry.subgraph_contents where hash = any($1) order by name',
    [Object.values(hashes)],
  );
  return rows;
};

export interface NewVersion {
  readonly base: Version | undefined;
  readonly hash: string;
  readonly subgraphs: ContentHashes;
  readonly contents: readonly Subgraph[];
  readonly supergraph: string | null;
  readonly problems: readonly Problem[];
  readonly publication: Publication;
}

/** Returns the names whose contents differ. */
const changedNames = (before: ContentHashes, after: ContentHashes): string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => before[name] !== after[name])
    .sort();

export const insertVersion = async (client: Queryable, version: NewVersion): Promise<Version> => {
  const { base, hash, subgraphs, contents, supergraph, problems, publication } = version;
  await client.query(
    `insert into registry.subgraph_contents (hash, name, sdl, address)
     select * from unnest($1::text[], $2::text[], $3::text[], $4::text[]) on conflict do nothing`,
    [
      contents.map(contentHash),
      contents.map(({ name }) => name),
      contents.map(({ sdl }) => sdl),
      contents.map(({ address }) => address),
    ],
  );
  const { rows } = await client.query<Version>(
    `insert into registry.versions
       (version, base, hash, subgraphs, changed, supergraph, problems, author, commit, message)
     select coalesce(max(version), 0) + 1, $1, $2, $3, $4, $5, $6, $7, $8, $9 from registry.versions
     returning ${columns}`,
    [
      base?.version ?? null,
      hash,
      JSON.stringify(subgraphs),
      changedNames(base?.subgraphs ?? {}, subgraphs),
      supergraph,
      JSON.stringify(problems),
      publication.author,
      publication.commit ?? null,
      publication.message ?? null,
    ],
  );
  const [inserted] = rows;
  if (inserted === undefined) throw new Error('the version was not inserted');
  return inserted;
};

/** Returns versions, the newest first. */
export const history = (database: Database, page: Page): Promise<Version[]> =>
  selectNewest(database, { table: 'versions', number: 'version', columns }, page);

export interface StoredVersion extends Version {
  readonly supergraph: string | null;
}

/** @throws RegistryError NOT_FOUND */
export const readVersion = async (database: Database, version: number): Promise<StoredVersion> => {
  const [found] = await database.query<StoredVersion>(
    `select ${columns}, supergraph from registry.versions where version = $1`,
    [version],
  );
  if (found === undefined) throw new RegistryError('NOT_FOUND', `There is no version ${version}.`);
  return found;
};

/** Returns the subgraphs of a version. */
export const readContents = (database: Database, hashes: ContentHashes): Promise<Subgraph[]> =>
  database.read((client) => contentsOf(client, hashes));
