/** Size of a generated supergraph. */
export interface GraphSize {
  readonly subgraphs: number;
  /** Types of all subgraphs. */
  readonly types: number;
}

const link =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])';

/** Each tenth type is an entity, which the next subgraph extends. */
const isEntity = (type: number): boolean => type % 10 === 0;

const typeSdl = (subgraph: number, type: number, last: number): string => {
  const name = `S${subgraph}T${type}`;
  const key = isEntity(type) ? ' @key(fields: "id")' : '';
  const other = `S${subgraph}T${type === last ? 0 : type + 1}`;
  return `type ${name}${key} { id: ID!  name: String!  count(of: String): Int  tags: [String!]  next: ${other} }`;
};

const extensionSdl = (subgraph: number, type: number): string =>
  `type S${subgraph}T${type} @key(fields: "id") { id: ID!  seenBy${subgraph}: Int }`;

/** Returns the SDL of each subgraph by its name. */
export const manySubgraphs = ({ subgraphs, types }: GraphSize): Readonly<Record<string, string>> => {
  const each = Math.max(1, Math.ceil(types / subgraphs));
  const indexes = Array.from({ length: each }, (_, type) => type);
  return Object.fromEntries(
    Array.from({ length: subgraphs }, (_, subgraph) => {
      const before = (subgraph + subgraphs - 1) % subgraphs;
      const entities = subgraphs > 1 ? indexes.filter(isEntity) : [];
      const roots = indexes
        .filter(isEntity)
        .map((type) => `  s${subgraph}t${type}(id: ID!): S${subgraph}T${type}`);
      return [
        `s${subgraph}`,
        [
          link,
          `type Query {\n${roots.join('\n')}\n}`,
          ...indexes.map((type) => typeSdl(subgraph, type, each - 1)),
          ...entities.map((type) => extensionSdl(before, type)),
          '',
        ].join('\n'),
      ];
    }),
  );
};

/** Returns one operation for each entity, up to a number. */
export const operationsOn = ({ subgraphs, types }: GraphSize, most: number): string[] => {
  const each = Math.max(1, Math.ceil(types / subgraphs));
  const operations: string[] = [];
  for (let subgraph = 0; subgraph < subgraphs; subgraph += 1)
    for (let type = 0; type < each && operations.length < most; type += 10)
      operations.push(
        `query Q${subgraph}x${type} { s${subgraph}t${type}(id: 1) { id name count(of: "x") next { id name } } }`,
      );
  return operations;
};
