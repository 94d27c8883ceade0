import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type SubgraphName, subgraphNames } from '../../graphql/index.ts';
import { apiSchemaOf, type Composed, compose, type SubgraphSdls } from '../compose/compose.ts';
import type { SubgraphSources } from '../compose/subgraph-files.ts';
import { apiReference } from './api-reference.ts';
import { contractFor } from './contract.ts';
import { type DefinedKind, definedKinds, exampleFixture, kindsModule, withVerbs } from './event-kinds.ts';
import { resolverTypes } from './resolver-types.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A generated file: its path from the root of the repository, and its text. */
export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}

/** Returns the SDL of Rookery's own subgraphs, with the enums that are generated from the event kinds. */
const ownSdls = (
  sdls: SubgraphSdls,
  kinds: readonly DefinedKind[],
): Readonly<Record<SubgraphName, string>> => ({
  mutation: withVerbs(sdls.mutation ?? '', kinds),
  query: withVerbs(sdls.query ?? '', kinds),
});

/** Returns the files that are generated from the event kinds. A fixture that exists is a recording, and stays. */
const filesOfKinds = (kinds: readonly DefinedKind[]): GeneratedFile[] => [
  { path: 'schema/events/generated/kinds.ts', text: kindsModule(kinds) },
  ...kinds.map(exampleFixture).map(({ type, text }) => {
    const path = `schema/events/fixtures/${type}.json`;
    return { path, text: textOf(path) ?? text };
  }),
];

/** Returns the files that are generated from the SDL, but for the contract. */
const filesOfSdl = ({ sdls, supergraphSdl }: Composed): Promise<GeneratedFile[]> =>
  Promise.all([
    { path: 'schema/supergraph.graphql', text: supergraphSdl },
    ...subgraphNames.map(async (name) => ({
      path: `subgraphs/${name}/generated/resolvers.ts`,
      text: await resolverTypes(name, sdls[name] ?? ''),
    })),
  ]);

/**
 * Returns everything that is generated: from the event kinds their list, their first fixtures and the enum Verb; from
 * the SDL the supergraph of all subgraphs, the types of Rookery's own, the contract, and its reference page.
 * @param head composition of these SDL files, if there is one already
 * @throws InputError, SdlSyntaxError and CompositionError
 */
export const generatedFiles = async (
  { sdls, files }: SubgraphSources,
  head?: Composed,
): Promise<GeneratedFile[]> => {
  const kinds = await definedKinds();
  const own = ownSdls(sdls, kinds);
  const isInStep = subgraphNames.every((name) => own[name] === sdls[name]);
  const composed = head && isInStep ? head : compose({ ...sdls, ...own }, files);
  const contract = 'schema/contract.graphql';
  const contractText = contractFor(apiSchemaOf(composed.supergraphSdl), textOf(contract) ?? '');
  return [
    ...filesOfKinds(kinds),
    ...subgraphNames.map((name) => ({ path: `schema/graphql/${name}.graphql`, text: own[name] })),
    ...(await filesOfSdl(composed)),
    { path: contract, text: contractText },
    { path: 'docs/reference/graphql.md', text: apiReference(contractText) },
  ];
};

const textOf = (path: string): string | undefined => {
  try {
    return readFileSync(`${root}/${path}`, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

/** Returns the files that are missing on disk, or differ from what is generated. */
export const driftOf = (files: readonly GeneratedFile[]): GeneratedFile[] =>
  files.filter(({ path, text }) => textOf(path) !== text);

export const write = (files: readonly GeneratedFile[]): void => {
  for (const { path, text } of files) {
    mkdirSync(dirname(`${root}/${path}`), { recursive: true });
    writeFileSync(`${root}/${path}`, text);
  }
};
