import '../telemetry/apollo-telemetry.ts';
import { ApolloGateway, type GraphQLDataSource } from '@apollo/gateway';
import type { QueryPlanner } from '@apollo/query-planner';
import { plannerConfig } from '@rookery/federation-executor';
import type { Logger } from '@rookery/runtime';
import type { DocumentNode, GraphQLSchema } from 'graphql';

/** A supergraph as the gateway of Apollo has loaded it. */
export interface LoadedSupergraph {
  /** Schema as seen by clients. */
  readonly schema: GraphQLSchema;
  /** The whole schema, with everything that clients don't see. */
  readonly supergraphSchema: GraphQLSchema;
  /** Its `supergraph` is the model of the supergraph. */
  readonly planner: QueryPlanner;
  /** Addresses of the subgraphs by name, as the supergraph has them. */
  readonly subgraphUrls: ReadonlyMap<string, string>;
}

/** Fields that the gateway of Apollo keeps for itself; made again, they would double the time of a hot swap. */
interface OwnFields {
  readonly queryPlanner?: QueryPlanner;
  readonly supergraphSchema?: GraphQLSchema;
}

/** Apollo's executor does not run: see docs/adr/own-executor.md. */
const noSource: GraphQLDataSource = {
  process: async () => {
    throw new Error('fetches are made by the executor of Rookery alone');
  },
};

/**
 * Loads a supergraph with the gateway of Apollo, which validates it and makes the schema and the planner, each once.
 * @param document the same SDL, parsed
 * @throws Error if the SDL is not a supported supergraph
 */
export const loadSupergraph = async (
  sdl: string,
  document: DocumentNode,
  log: Logger,
): Promise<LoadedSupergraph> => {
  const subgraphUrls = new Map<string, string>();
  const gateway = new ApolloGateway({
    supergraphSdl: sdl,
    validateSupergraph: true,
    queryPlannerConfig: plannerConfig(document),
    buildService: ({ name, url = '' }) => {
      subgraphUrls.set(name, url);
      return noSource;
    },
    logger: log.child({ subsystem: 'supergraph' }, { level: 'warn' }),
  });
  const { schema } = await gateway.load();
  const { queryPlanner, supergraphSchema } = gateway as unknown as OwnFields;
  if (!queryPlanner || !supergraphSchema)
    throw new Error('this version of @apollo/gateway keeps its planner elsewhere than 2.14 does');
  return { schema, supergraphSchema, planner: queryPlanner, subgraphUrls };
};
