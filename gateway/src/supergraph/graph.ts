import { createHash } from 'node:crypto';
import type { Schema } from '@apollo/federation-internals';
import {
  Executor,
  OverrideDecisions,
  overrideLabels,
  PassThroughRules,
  Planner,
  ReachableFields,
  readReadBackRules,
  takenNames,
} from '@rookery/federation-executor';
import type { Logger } from '@rookery/runtime';
import { type GraphQLSchema, parse } from 'graphql';
import { type CostRules, readCostRules } from '../limits/cost-rules.ts';
import type { OperationLimits } from '../limits/limits.ts';
import { FieldRules } from '../permissions/field-rules.ts';
import { loadableSupergraph } from '../permissions/loadable.ts';
import { readPermissionRules } from '../permissions/rules.ts';
import { PlainAnswers } from '../pipeline/plain-answers.ts';
import { PreparedOperations } from '../pipeline/prepared.ts';
import { SingleFlight } from '../pipeline/single-flight.ts';
import { type FieldRates, readFieldRates } from '../rate-limit/rules.ts';
import type { SubgraphService } from '../subgraphs/service.ts';
import type { SubgraphClient } from '../subgraphs/subgraph-client.ts';
import { loadSupergraph } from './load.ts';
import { type IsolatedSupergraph, isolateRequired } from './required-arguments.ts';
import { RequiredFetch } from './required-fetch.ts';
import { resolvableKeysFirst } from './resolvable-keys.ts';
import { refuseUnsupported } from './unsupported.ts';

/** One version of the supergraph, in the forms that planning and execution need. It never changes. */
export interface Graph {
  /** SHA-256 of its SDL. */
  readonly id: string;
  readonly sdl: string;
  /** Schema as seen by clients. */
  readonly schema: GraphQLSchema;
  /** Returns the schema of a subgraph. */
  readonly subgraphSchema: (name: string) => Schema | undefined;
  readonly subgraphs: ReadonlyMap<string, SubgraphClient>;
  /** The same, as plans are to use them. */
  readonly services: ReadonlyMap<string, SubgraphService>;
  readonly costRules: CostRules;
  readonly fieldRates: FieldRates;
  /** Permission rules of the fields. */
  readonly fieldRules: FieldRules;
  /** Plans and runs operations on this version. */
  readonly executor: Executor;
  /** Prepared operations of this version. */
  readonly operations: PreparedOperations;
  /** Queries that are being executed. */
  readonly queries: SingleFlight;
  /** Answers of subgraphs that are handed on as they are. */
  readonly plainAnswers: PlainAnswers;
}

export interface GraphOptions {
  /** The composed supergraph, as SDL text. */
  readonly sdl: string;
  /** The way to one subgraph; url is what the supergraph says. */
  readonly connect: (name: string, url: string) => SubgraphClient;
  /** Called for each operation: whether its plan was there. */
  readonly onPlan?: (cached: boolean) => void;
  /** Called for each query that takes the result of an equal one. */
  readonly onJoin?: (() => void) | undefined;
  /** Custom labels of progressive @override that hold. */
  readonly overrides?: readonly string[] | undefined;
  readonly limits: OperationLimits;
  /** True if clients may ask for the schema itself. */
  readonly introspection: boolean;
  readonly log: Logger;
}

/** @throws Error if the SDL is not a supported supergraph */
export const buildGraph = async (options: GraphOptions): Promise<Graph> => {
  const { sdl, onPlan, overrides = [], introspection, limits, log } = options;
  const document = parse(sdl);
  refuseUnsupported(document);
  const isolated = isolateRequired(resolvableKeysFirst(loadableSupergraph(sdl)));
  const isolatedDocument = parse(isolated.sdl);
  const { schema, supergraphSchema, planner, subgraphUrls } = await loadSupergraph(
    isolated.sdl,
    isolatedDocument,
    log,
  );
  const { subgraphs, services } = connectAll(subgraphUrls, options, isolated);
  const executor = new Executor({
    schema,
    supergraphSchema,
    planner: new Planner(planner, supergraphSchema),
    reachable: new ReachableFields(schema),
    takenNames: takenNames(isolatedDocument),
    readBackRules: readReadBackRules(document),
    log,
    overrides: new OverrideDecisions(overrideLabels(document), new Set(overrides)),
    ...(onPlan && { onPlan }),
  });
  const graph: Graph = {
    id: createHash('sha256').update(sdl).digest('hex'),
    sdl,
    schema,
    subgraphSchema: (name) => planner.supergraph.subgraphs().get(name)?.schema,
    subgraphs,
    services,
    costRules: readCostRules(document),
    fieldRates: readFieldRates(document),
    fieldRules: new FieldRules(schema, supergraphSchema, readPermissionRules(document)),
    executor,
    queries: new SingleFlight(options.onJoin),
    plainAnswers: new PlainAnswers(new PassThroughRules(schema, supergraphSchema, isolatedDocument), log),
    get operations() {
      return operations;
    },
  };
  const operations = new PreparedOperations(graph, limits, { introspection });
  return graph;
};

/** Returns the ways to all subgraphs, as they are, and as plans are to use them. */
const connectAll = (
  urls: ReadonlyMap<string, string>,
  { connect }: Pick<GraphOptions, 'connect'>,
  isolated: IsolatedSupergraph,
): Pick<Graph, 'subgraphs' | 'services'> => {
  const subgraphs = new Map([...urls].map(([name, url]) => [name, connect(name, url)]));
  const services = new Map<string, SubgraphService>(subgraphs);
  if (isolated.required.size > 0)
    for (const [name, subgraph] of subgraphs) services.set(name, new RequiredFetch(subgraph, isolated));
  return { subgraphs, services };
};
