import '../telemetry/apollo-telemetry.ts';
import { createHash } from 'node:crypto';
import { type Schema, Supergraph as SupergraphModel } from '@apollo/federation-internals';
import { ApolloGateway, type GraphQLDataSource } from '@apollo/gateway';
import {
  Executor,
  OverrideDecisions,
  overrideLabels,
  Planner,
  ReachableFields,
  readReadBackRules,
  takenNames,
} from '@rookery/federation-executor';
import type { Logger } from '@rookery/runtime';
import { type GraphQLSchema, parse, validate } from 'graphql';
import { type CostRules, readCostRules } from '../limits/cost-rules.ts';
import { FieldRules } from '../permissions/field-rules.ts';
import { loadableSupergraph } from '../permissions/loadable.ts';
import { readPermissionRules } from '../permissions/rules.ts';
import { type FieldRates, readFieldRates } from '../rate-limit/rules.ts';
import type { SubgraphClient } from '../subgraphs/subgraph-client.ts';
import type { BusyOperation } from './busy-operations.ts';
import { isolateRequired } from './required-arguments.ts';
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
  /** The same, as the executor is to call them. */
  readonly services: ReadonlyMap<string, GraphQLDataSource>;
  readonly costRules: CostRules;
  readonly fieldRates: FieldRates;
  /** Permission rules of the fields. */
  readonly fieldRules: FieldRules;
  /** Plans and runs operations on this version. */
  readonly executor: Executor;
  /** Plans an operation of the previous version in advance. Returns false if it is invalid in this one. */
  readonly warm: (operation: BusyOperation, before: Graph | undefined) => boolean;
}

export interface GraphOptions {
  /** The composed supergraph, as SDL text. */
  readonly sdl: string;
  /** The way to one subgraph; url is what the supergraph says. */
  readonly connect: (name: string, url: string) => SubgraphClient;
  /** Called for each operation: whether its plan was there. */
  readonly onPlan?: (cached: boolean) => void;
  /** Custom labels of progressive @override that hold. */
  readonly overrides?: readonly string[] | undefined;
  readonly log: Logger;
}

/** @throws Error if the SDL is not a supported supergraph */
export const buildGraph = async ({
  sdl,
  connect,
  onPlan,
  overrides = [],
  log,
}: GraphOptions): Promise<Graph> => {
  const document = parse(sdl);
  refuseUnsupported(document);
  const isolated = isolateRequired(resolvableKeysFirst(loadableSupergraph(sdl)));
  const model = SupergraphModel.build(isolated.sdl, { validateSupergraph: true });
  const subgraphs = new Map<string, SubgraphClient>();
  const services = new Map<string, GraphQLDataSource>();
  const gateway = new ApolloGateway({
    supergraphSdl: isolated.sdl,
    buildService: ({ name, url = '' }) => {
      const subgraph = connect(name, url);
      subgraphs.set(name, subgraph);
      const service = isolated.required.size === 0 ? subgraph : new RequiredFetch(subgraph, isolated);
      services.set(name, service);
      return service;
    },
    logger: log.child({ subsystem: 'supergraph' }, { level: 'warn' }),
    // Off, or a header shows the plan, and with it the subgraphs' names, to any client.
    __exposeQueryPlanExperimental: false,
  });
  const { schema } = await gateway.load();
  const supergraphSchema = model.schema.toGraphQLJSSchema();
  const executor = new Executor({
    schema,
    supergraphSchema,
    planner: new Planner(model, supergraphSchema),
    reachable: new ReachableFields(schema),
    services,
    takenNames: takenNames(parse(isolated.sdl)),
    readBackRules: readReadBackRules(document),
    log,
    overrides: new OverrideDecisions(overrideLabels(document), new Set(overrides)),
    ...(onPlan && { onPlan }),
  });
  return {
    id: createHash('sha256').update(sdl).digest('hex'),
    sdl,
    schema,
    subgraphSchema: (name) => model.subgraphs().get(name)?.schema,
    subgraphs,
    services,
    costRules: readCostRules(document),
    fieldRates: readFieldRates(document),
    fieldRules: new FieldRules(schema, supergraphSchema, readPermissionRules(document)),
    executor,
    warm: ({ key, source, operationName }, before) => {
      const operation = parse(source);
      if (validate(schema, operation).length > 0) return false;
      executor.warm(key, operation, operationName, before?.executor);
      return true;
    },
  };
};
