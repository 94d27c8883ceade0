import { parentPort } from 'node:worker_threads';
import { changesBetween } from '@rookery/schema/changes';
import { checkStates } from '@rookery/schema/check';
import {
  apiSchemaOf,
  CompositionError,
  compose,
  SdlSyntaxError,
  type SubgraphSdls,
} from '@rookery/schema/compose';
import { subgraphGraph } from '@rookery/schema/graph';
import { coordinateUsage, liveOperations, type OperationUsage, readDocuments } from '@rookery/schema/usage';
import type { Answer, ComposedSubgraph, Composition, CoordinateUsage, Task } from './messages.ts';

const sdlsOf = (subgraphs: readonly ComposedSubgraph[]): SubgraphSdls =>
  Object.fromEntries(subgraphs.map(({ name, sdl }) => [name, sdl]));

/** Puts the addresses in place of the placeholders that composition leaves in `@join__graph`. */
const withAddresses = (supergraph: string, subgraphs: readonly ComposedSubgraph[]): string =>
  subgraphs.reduce(
    (sdl, { name, address }) =>
      sdl.replace(
        `@join__graph(name: "${name}", url: "http://${name}.invalid/graphql")`,
        () => `@join__graph(name: "${name}", url: ${JSON.stringify(address)})`,
      ),
    supergraph,
  );

const composeAll = (subgraphs: readonly ComposedSubgraph[]): Composition => {
  if (subgraphs.length === 0)
    return {
      supergraph: null,
      problems: [{ code: 'NO_SUBGRAPHS', message: 'No subgraph is left.', positions: [] }],
    };
  try {
    const { supergraphSdl } = compose(sdlsOf(subgraphs));
    return { supergraph: withAddresses(supergraphSdl, subgraphs), problems: [] };
  } catch (error) {
    if (error instanceof CompositionError || error instanceof SdlSyntaxError)
      return { supergraph: null, problems: error.problems };
    throw error;
  }
};

/** The schema that was used last: the pages of usage come one after the other. */
let latest: { readonly supergraph: string; readonly schema: ReturnType<typeof apiSchemaOf> } | undefined;

const schemaOf = (supergraph: string) => {
  if (latest?.supergraph !== supergraph) latest = { supergraph, schema: apiSchemaOf(supergraph) };
  return latest.schema;
};

/** Adds up the use of each coordinate. A document that cannot be parsed uses none. */
const usageOf = (supergraph: string, recorded: readonly OperationUsage[]): CoordinateUsage[] => {
  const { operations: live } = liveOperations({ operations: recorded }, [], []);
  return coordinateUsage(schemaOf(supergraph), live).map(({ coordinate, count, operations }) => {
    const clients = operations
      .flatMap((operation) => operation.clients)
      .map(({ name, version }) => (version === null ? name : `${name}@${version}`));
    const times = operations.flatMap(({ lastSeen }) => lastSeen ?? []).sort();
    return { coordinate, count, clients: [...new Set(clients)].sort(), lastSeen: times.at(-1) ?? null };
  });
};

const run = (task: Task): object | Promise<object> => {
  if (task.kind === 'compose') return composeAll(task.subgraphs);
  if (task.kind === 'graph') return subgraphGraph(task.supergraph);
  if (task.kind === 'check') return checkStates(task.states);
  if (task.kind === 'usage') return usageOf(task.supergraph, task.operations);
  if (task.kind === 'documents')
    return readDocuments(task.documents, task.supergraph === null ? undefined : schemaOf(task.supergraph));
  return changesBetween(compose(sdlsOf(task.from)), compose(sdlsOf(task.to)));
};

parentPort?.on('message', async ({ id, task }: { readonly id: number; readonly task: Task }) => {
  let answer: object;
  try {
    answer = { id, result: await run(task) };
  } catch (error) {
    answer = { id, error: String(error) };
  }
  parentPort?.postMessage(answer as Answer);
});
