import type { Resolvers } from '../../support/gateway/subgraph.ts';

export const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable",
  "@external", "@requires", "@provides", "@override", "@interfaceObject", "@inaccessible"])\n`;

export type Row = Readonly<Record<string, unknown>>;

/** Finds the row that has all leaf values of a reference; objects in it are compared as far as they go. */
export const find =
  (rows: readonly Row[], typename?: string): ((reference: never) => unknown) =>
  (reference) => {
    const wanted = Object.entries(reference as Row).filter(([name]) => name !== '__typename');
    const matches = (row: Row, [name, value]: [string, unknown]): boolean =>
      !(name in row) ||
      (value !== null && typeof value === 'object' && !Array.isArray(value)
        ? Object.entries(value).every((entry) => matches(row[name] as Row, entry))
        : JSON.stringify(row[name]) === JSON.stringify(value));
    const found = rows.find((row) => wanted.every((entry) => matches(row, entry)));
    return (
      found && {
        ...(reference as Row),
        ...found,
        ...(typename ? { __typename: found.__typename ?? typename } : {}),
      }
    );
  };

export interface Subgraph {
  readonly sdl: string;
  readonly resolvers: Resolvers;
}
export const entity = (rows: readonly Row[], more: Resolvers[string] = {}): Resolvers[string] => ({
  __resolveReference: find(rows) as never,
  ...more,
});

export interface Network {
  readonly about: string;
  readonly subgraphs: Readonly<Record<string, Subgraph>>;
  /** Query, variables, answer. An answer without `data` is a whole one; else it is data. */
  readonly asks: readonly (readonly [string, Row | undefined, Row])[];
}
