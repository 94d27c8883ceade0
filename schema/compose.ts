import { composeServices } from '@apollo/composition';
import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals';
import type { GraphQLSchema } from 'graphql';
import { parse } from 'graphql';

/** The SDL text of every subgraph, by its name. */
export type SubgraphSdls = Readonly<Record<string, string>>;

/** The subgraphs don't fit together; the message has a line for each reason. */
export class CompositionError extends Error {
  override name = 'CompositionError';
}

/**
 * Composes the subgraphs into the supergraph's SDL. The addresses in it are placeholders: where a subgraph
 * really is, the gateway takes from its configuration.
 * @throws CompositionError
 */
export const composeSupergraph = (sdls: SubgraphSdls): string => {
  const services = Object.entries(sdls).map(([name, sdl]) => ({
    name,
    url: `http://${name}.invalid/graphql`,
    typeDefs: parse(sdl),
  }));
  const { supergraphSdl, errors } = composeServices(services);
  if (errors?.length || !supergraphSdl) {
    throw new CompositionError((errors ?? []).map((e) => e.message).join('\n') || 'composition failed');
  }
  return `${supergraphSdl.trimEnd()}\n`;
};

/** What clients see of a supergraph: its types without the federation directives. */
export const apiSchemaOf = (supergraphSdl: string): GraphQLSchema =>
  Supergraph.build(supergraphSdl, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES })
    .apiSchema()
    .toGraphQLJSSchema();
