import { readFileSync } from 'node:fs';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { type GraphQLSchema, NoSchemaIntrospectionCustomRule, parse, type ValidationRule } from 'graphql';
import { resolvers } from './resolvers.ts';

const typeDefs = parse(readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8'));

export const schema: GraphQLSchema = buildSubgraphSchema([{ typeDefs, resolvers }]);

/** Rules beyond those of the specification: the gateway knows the schema, and asks for no introspection. */
export const validationRules: readonly ValidationRule[] = [NoSchemaIntrospectionCustomRule];
