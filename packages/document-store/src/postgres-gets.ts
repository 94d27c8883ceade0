import { DocumentsUnavailableError, StatementTimeoutError } from './errors.ts';
import { columns, idsAt } from './postgres-sql.ts';

/** A row of a joined read, with the table that it is from. */
interface FoundRow {
  readonly source: number;
  readonly id: string;
  readonly revision: number;
  readonly doc: string;
}

/** Runs a statement, which each connection plans once, with the ids for each of its parameters. */
export type RunGet = (text: string, ids: readonly (readonly string[])[]) => Promise<FoundRow[]>;

/** Returns whether the server has answered that it does not execute the statement. */
const isRefusal = (error: unknown): boolean =>
  !(error instanceof DocumentsUnavailableError || error instanceof StatementTimeoutError);

/** Reads documents of a table by their stored ids. */
export type GetRows = (table: string, ids: readonly string[]) => Promise<FoundRow[]>;

/** Ids of one statement. A turn that asks for more of them has several. */
const maxIds = 5_000;

interface Asked {
  readonly table: string;
  readonly ids: readonly string[];
  resolve(rows: FoundRow[]): void;
  reject(error: unknown): void;
}

/** Reads what was asked for, by one statement, and returns the rows of each table by their ids. */
const readAll = async (
  run: RunGet,
  asked: readonly Asked[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, FoundRow>>> => {
  const idsOf = Map.groupBy(asked, ({ table }) => table);
  // In the same order each time, so that the same tables have the same text.
  const tables = [...idsOf.keys()].sort();
  const rows = await run(
    tables.map(getStatement).join('\nunion all '),
    tables.map((table) => [...new Set(idsOf.get(table)?.flatMap(({ ids }) => ids))]),
  );
  const found = new Map(tables.map((table) => [table, new Map<string, FoundRow>()]));
  for (const row of rows) found.get(tables[row.source] ?? '')?.set(row.id, row);
  return found;
};

/** Reads what was asked for, and tells those who asked. */
const answer = async (run: RunGet, asked: readonly Asked[]): Promise<void> => {
  try {
    const found = await readAll(run, asked);
    for (const { table, ids, resolve } of asked)
      resolve([...new Set(ids)].flatMap((id) => found.get(table)?.get(id) ?? []));
  } catch (error) {
    const byTable = [...Map.groupBy(asked, ({ table }) => table).values()];
    if (byTable.length > 1 && isRefusal(error)) for (const part of byTable) void answer(run, part);
    else for (const { reject } of asked) reject(error);
  }
};

/** Splits what was asked for in one turn into what one statement may read. */
const parts = (asked: readonly Asked[]): Asked[][] => {
  const all: Asked[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const one of asked) {
    size += one.ids.length;
    if (size <= maxIds) all.at(-1)?.push(one);
    else {
      all.push([one]);
      size = one.ids.length;
    }
  }
  return all;
};

/**
 * Joins reads by id that are asked for in the same turn of the event loop, as the users, follows and mutes of a page are: one
 * statement and one round trip instead of one for each table. If the server refuses it, because one of the tables is missing, each
 * is read alone.
 */
export const joinGets = (run: RunGet): GetRows => {
  let open: Asked[] = [];
  const sendOpen = (): void => {
    const asked = open;
    open = [];
    for (const part of parts(asked)) void answer(run, part);
  };
  return (table, ids) =>
    new Promise((resolve, reject) => {
      // After the microtasks of this turn, in which loaders send their batches.
      if (open.length === 0) setImmediate(sendOpen);
      open.push({ table, ids, resolve, reject });
    });
};

/** Returns the query of documents of one table by their ids. */
export const getStatement = (table: string, source: number): string =>
  `select ${source} as source, ${columns} from ${table} where id = any(${idsAt(source + 1)})`;
