import { operationFromDocument, type Schema } from '@apollo/federation-internals';
import type { GraphQLDataSource } from '@apollo/gateway';
import type { QueryPlan, QueryPlanner } from '@apollo/query-planner';
import type { ApolloServerOptionsWithGateway } from '@apollo/server';
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import type { OperationContext } from '../context.ts';
import { planKey } from '../supergraph/busy-operations.ts';
import { runPlan } from './run-plan.ts';
import { compileShape, type Data, type Shaped } from './shape.ts';

/** What Apollo Server tells of a request that is to be run. */
type ExecutorRequest = Parameters<
  NonNullable<
    Awaited<ReturnType<ApolloServerOptionsWithGateway<OperationContext>['gateway']['load']>>['executor']
  >
>[0];

export interface ExecutionResult {
  data?: Data | null;
  errors?: readonly GraphQLError[];
  extensions?: Record<string, unknown>;
}

export interface ExecutorOptions {
  /** What clients see. */
  readonly schema: GraphQLSchema;
  readonly apiSchema: Schema;
  readonly supergraphSchema: GraphQLSchema;
  readonly planner: QueryPlanner;
  readonly services: ReadonlyMap<string, GraphQLDataSource>;
  /** Apollo's, which answers what is asked of the schema itself. */
  readonly introspect: (request: never) => Promise<unknown>;
  readonly onPlan?: (cached: boolean) => void;
}

/** An operation that can be run again: all that depends on its text alone. */
interface Prepared {
  readonly plan: QueryPlan;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  /** Variables that @skip and @include look at: the answer's shape depends on them. */
  readonly conditions: readonly string[];
  readonly shapes: LRUCache<string, (fetched: Data) => Shaped>;
}

const remembered = 2_000;

/**
 * Runs queries and mutations by Apollo's plans. Where Apollo's own executor works out with every request what it
 * asks of the operation (and of its types, field by field), this one does once for each operation.
 */
export class Executor {
  readonly #options: ExecutorOptions;
  readonly #prepared = new LRUCache<string, Prepared>({ max: remembered });

  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  readonly execute = async (request: ExecutorRequest): Promise<ExecutionResult> => {
    const { document, queryHash } = request;
    const { operationName, variables = {} } = request.request;
    const key = planKey(queryHash, operationName);
    let prepared = this.#prepared.get(key);
    this.#options.onPlan?.(prepared !== undefined);
    if (!prepared) {
      const operation = getOperationAST(document, operationName);
      if (!operation) throw new Error('no operation');
      if (introspects(operation, document))
        return this.#options.introspect(request as never) as Promise<ExecutionResult>;
      prepared = this.#prepare(document, operation);
      this.#prepared.set(key, prepared);
    }
    return this.#run(prepared, variables, request);
  };

  /** Plans an operation beforehand. */
  warm(key: string, document: DocumentNode, operationName: string | undefined): void {
    const operation = getOperationAST(document, operationName);
    if (!operation || introspects(operation, document) || this.#prepared.has(key)) return;
    this.#prepared.set(key, this.#prepare(document, operation));
  }

  #prepare(document: DocumentNode, operation: OperationDefinitionNode): Prepared {
    const { apiSchema, planner } = this.#options;
    const named = operation.name === undefined ? {} : { operationName: operation.name.value };
    return {
      plan: planner.buildQueryPlan(operationFromDocument(apiSchema, document, named)),
      operation,
      ...shapeParts(document),
      shapes: new LRUCache({ max: 16 }),
    };
  }

  async #run(prepared: Prepared, variables: Data, request: ExecutorRequest): Promise<ExecutionResult> {
    const { schema, supergraphSchema, services } = this.#options;
    const { plan, operation } = prepared;
    const { errors, coerced = {} } = operation.variableDefinitions?.length
      ? getVariableValues(schema, operation.variableDefinitions, variables)
      : { errors: undefined, coerced: {} };
    if (errors) return { errors };
    const context = request.context as OperationContext;
    const fetched = await runPlan(plan, { services, supergraphSchema, variables, coerced, context, request });
    return answerOf(fetched, shapeFor(prepared, schema, coerced));
  }
}

/** The answer, shaped: what it lacks is told in `extensions.valueCompletion` where no subgraph has told why. */
export const answerOf = (
  { data: fetched, errors }: { readonly data: Data; readonly errors: readonly GraphQLError[] },
  shape: (fetched: Data) => Shaped,
): ExecutionResult => {
  let shaped: Shaped;
  try {
    shaped = shape(fetched);
  } catch (error) {
    return {
      errors: [new GraphQLError('An answer of a subgraph does not fit.', { originalError: error as Error })],
    };
  }
  const { data, errors: valueCompletion } = shaped;
  if (errors.length > 0) return { errors, data };
  return valueCompletion.length > 0 ? { data, extensions: { valueCompletion } } : { data };
};

const shapeFor = (
  { shapes, conditions, operation, fragments }: Omit<Prepared, 'plan'>,
  schema: GraphQLSchema,
  variables: Data,
): ((fetched: Data) => Shaped) => {
  const key = conditions.map((name) => (variables[name] === true ? '1' : '0')).join('');
  const known = shapes.get(key);
  if (known) return known;
  const made = compileShape({ schema, operation, fragments, variables });
  shapes.set(key, made);
  return made;
};

const shapeParts = (document: DocumentNode): Pick<Prepared, 'fragments' | 'conditions'> => {
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null);
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments[node.name.value] = node;
  const conditions = new Set<string>();
  visit(document, {
    Directive: ({ name, arguments: given = [] }) => {
      if (name.value !== 'skip' && name.value !== 'include') return;
      for (const { value } of given) if (value.kind === Kind.VARIABLE) conditions.add(value.name.value);
    },
  });
  return { fragments, conditions: [...conditions] };
};

/** Whether it asks for `__schema` or `__type`, which stand at the root alone. */
const introspects = (operation: OperationDefinitionNode, document: DocumentNode): boolean => {
  let found = false;
  for (const node of [
    operation,
    ...document.definitions.filter((each) => each.kind === Kind.FRAGMENT_DEFINITION),
  ])
    visit(node, {
      Field: ({ name }) => {
        if (name.value === '__schema' || name.value === '__type') found = true;
      },
    });
  return found;
};
