import './apollo-telemetry.ts';
import { createHash } from 'node:crypto';
import { type Schema, Supergraph as SupergraphModel } from '@apollo/federation-internals';
import { ApolloGateway } from '@apollo/gateway';
import { QueryPlanner } from '@apollo/query-planner';
import type { Logger } from '@rookery/service';
import { type GraphQLSchema, parse } from 'graphql';
import { type CostRules, readCostRules } from './limits/cost-rules.ts';
import type { SubgraphFetch } from './subgraph-fetch.ts';

/** One version of the supergraph, in the forms that planning and execution need. */
export interface Graph {
  /** SHA-256 of its SDL. */
  readonly id: string;
  /** What clients see. */
  readonly schema: GraphQLSchema;
  readonly apiSchema: Schema;
  readonly supergraphSchema: GraphQLSchema;
  readonly planner: QueryPlanner;
  /** What the subgraph of this name contributes. */
  readonly subgraphSchema: (name: string) => Schema | undefined;
  readonly costRules: CostRules;
}

export interface SupergraphOptions {
  /** The composed supergraph, as SDL text. */
  readonly sdl: string;
  /** Makes the way to one subgraph; url is what the supergraph says. */
  readonly connect: (name: string, url: string) => SubgraphFetch;
  readonly log: Logger;
}

/**
 * The supergraph that is served. Apollo's gateway plans and executes queries and mutations; subscriptions, which
 * it can't, take the current graph's planner and the same subgraphs.
 */
export class Supergraph {
  readonly gateway: ApolloGateway;
  readonly subgraphs = new Map<string, SubgraphFetch>();
  #graph: Graph | undefined;

  constructor({ sdl, connect, log }: SupergraphOptions) {
    this.gateway = new ApolloGateway({
      supergraphSdl: async () => ({ supergraphSdl: sdl }),
      buildService: ({ name, url = '' }) => {
        const subgraph = connect(name, url);
        this.subgraphs.set(name, subgraph);
        return subgraph;
      },
      logger: log.child({ subsystem: 'supergraph' }, { level: 'warn' }),
      // Off, or a header shows the plan, and with it the subgraphs' names, to any client.
      __exposeQueryPlanExperimental: false,
    });
    this.gateway.onSchemaLoadOrUpdate(({ apiSchema, coreSupergraphSdl }) => {
      const model = SupergraphModel.build(coreSupergraphSdl);
      this.#graph = {
        id: createHash('sha256').update(coreSupergraphSdl).digest('hex'),
        schema: apiSchema,
        apiSchema: model.apiSchema(),
        supergraphSchema: model.schema.toGraphQLJSSchema(),
        planner: new QueryPlanner(model),
        subgraphSchema: (name) => model.subgraphs().get(name)?.schema,
        costRules: readCostRules(parse(coreSupergraphSdl)),
      };
    });
  }

  /** The graph that new operations are planned on. */
  get graph(): Graph {
    if (this.#graph === undefined) throw new Error('the supergraph is not loaded');
    return this.#graph;
  }

  /** Resolves where the supergraph is loaded and every subgraph says that it is ready. */
  async ready(): Promise<void> {
    void this.graph;
    await Promise.all([...this.subgraphs.values()].map((subgraph) => subgraph.ready()));
  }
}
