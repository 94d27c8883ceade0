import { columns } from './postgres-sql.ts';

/** A row of a joined read, with the table that it is from. */
interface FoundRow {
  readonly source: number;
  readonly id: string;
  readonly revision: number;
  readonly doc: string;
}

/** Runs a statement, which each connection plans once. */
export type RunGet = (text: string, values: readonly unknown[]) => Promise<FoundRow[]>;

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

/**
 * Joins reads by id that are asked for in the same turn of the event loop, as the users, follows and mutes of a page are: one
 * statement and one round trip instead of one for each table.
 */
export const joinGets = (run: RunGet): GetRows => {
  let open: Asked[] = [];
  const send = async (asked: readonly Asked[]): Promise<void> => {
    const idsOf = new Map<string, Set<string>>();
    for (const { table, ids } of asked) {
      const all = idsOf.get(table);
      if (all) for (const id of ids) all.add(id);
      else idsOf.set(table, new Set(ids));
    }
    // In the same order each time, so that the same tables have the same text.
    const tables = [...idsOf.keys()].sort();
    try {
      const rows = await run(
        tables.map((table, i) => getStatement(table, i)).join('\nunion all '),
        tables.map((table) => [...(idsOf.get(table) ?? [])]),
      );
      const found = tables.map(
        (_, source) => new Map(rows.flatMap((row) => (row.source === source ? [[row.id, row]] : []))),
      );
      for (const { table, ids, resolve } of asked)
        resolve([...new Set(ids)].flatMap((id) => found[tables.indexOf(table)]?.get(id) ?? []));
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  };
  const sendOpen = (): void => {
    const asked = open;
    open = [];
    let part: Asked[] = [];
    let size = 0;
    for (const one of asked) {
      if (part.length > 0 && size + one.ids.length > maxIds) {
        void send(part);
        [part, size] = [[], 0];
      }
      part.push(one);
      size += one.ids.length;
    }
    void send(part);
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
  `select ${source} as source, ${columns} from ${table} where id = any($${source + 1}::text[])`;
