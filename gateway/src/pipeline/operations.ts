import { ApolloServer, type ApolloServerPlugin, type GraphQLResponse } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { RookeryError } from '@rookery/graphql-server';
import { errorCodes, type Logger, startSpan } from '@rookery/runtime';
import { type FormattedExecutionResult, GraphQLError } from 'graphql';
import { formatError, maskAll } from '../errors/mask-errors.ts';
import type { Admission } from '../limits/admission.ts';
import type { PersistedQueries } from '../persisted/resolve.ts';
import type { Subscriptions } from '../subscriptions/subscribe.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import { describe } from '../telemetry/describe-span.ts';
import { withRequestId } from '../telemetry/request-id.ts';
import type { OperationContext } from './context.ts';
import type { OperationAnswer, OperationCheck, OperationRequest, ValidOperation } from './operation.ts';

export interface OperationsOptions {
  readonly supergraph: Supergraph;
  readonly subscriptions: Subscriptions;
  readonly persistedQueries: PersistedQueries;
  readonly admission: Admission;
  /** In this order, and none after the first that throws. */
  readonly checks: readonly OperationCheck[];
  /** Off: introspection, and hints at names in the schema. */
  readonly production: boolean;
  readonly log: Logger;
}

/**
 * The one pipeline for operations of every kind over every transport: find the text, measure, parse, validate,
 * check, plan, run, mask.
 * A subscription goes through it up to its plan and is then handed over in the context.
 */
export class Operations {
  readonly server: ApolloServer<OperationContext>;
  readonly #options: OperationsOptions;

  constructor(options: OperationsOptions) {
    this.#options = options;
    const { supergraph, subscriptions, checks, production, log } = options;
    this.server = new ApolloServer<OperationContext>({
      gateway: supergraph.gateway,
      introspection: !production,
      hideSchemaDetailsFromClientErrors: production,
      includeStacktraceInErrorResponses: false,
      stopOnTerminationSignals: false,
      logger: log.child({ subsystem: 'apollo' }, { level: 'warn' }),
      formatError: formatError(log, { hints: !production }),
      // PersistedQueries does it, for all transports.
      persistedQueries: false,
      plugins: [
        ApolloServerPluginCacheControlDisabled(),
        ApolloServerPluginLandingPageDisabled(),
        ApolloServerPluginUsageReportingDisabled(),
        inOrder([noteOperation(supergraph), ...checks, handOver(subscriptions)]),
        answerer,
      ],
    });
  }

  /** Never rejects. */
  run(request: OperationRequest, context: OperationContext): Promise<OperationAnswer> {
    const span = startSpan('GraphQL Operation', { parent: context.traceparent, kind: 'SERVER' });
    return withRequestId(context.requestId, async () => {
      try {
        const { traceparent } = span;
        return this.#withCost(await this.#run(request, { ...context, traceparent }), context);
      } catch (error) {
        const errors = maskAll([error], this.#options.log);
        noteAnswer(context.record, { errors });
        return { result: { errors }, ...httpOf(error) };
      } finally {
        describe(span, context.record);
        span.end();
      }
    });
  }

  #withCost(answer: OperationAnswer, { showCost, record: { cost } }: OperationContext): OperationAnswer {
    if (!showCost || cost === undefined) return answer;
    const extensions = {
      ...answer.result.extensions,
      cost: { estimated: cost, most: this.#options.admission.limits.cost },
    };
    return { ...answer, result: { ...answer.result, extensions } };
  }

  async #run(request: OperationRequest, context: OperationContext): Promise<OperationAnswer> {
    const { persistedQueries, admission } = this.#options;
    const query = await persistedQueries.text(request);
    const { operation } = admission.admit(query, request.operationName, request.variables);
    // Not before it is admitted, so that nobody fills the store with what can never run.
    await persistedQueries.remember(request);
    const changesNothing = operation === 'query' || (operation === 'subscription' && context.subscription);
    if (context.queriesOnly && !changesNothing) throw queriesOnly(operation);
    const { operationName, variables } = request;
    // Plain objects, of which there are many on the way, would lose it.
    if (variables && Object.hasOwn(variables, '__proto__'))
      throw new RookeryError('BAD_REQUEST', 'A variable cannot be called __proto__.', {
        http: { status: 400 },
      });
    const { body, http } = await this.server.executeOperation(
      { query, ...(operationName && { operationName }), ...(variables && { variables }) },
      { contextValue: context },
    );
    if (body.kind !== 'single') throw new Error('incremental delivery is not supported');
    const result = body.singleResult as FormattedExecutionResult;
    return { result, status: statusOf(result, http.status), headers: http.headers };
  }
}

const queriesOnly = (operation: string) =>
  new RookeryError('BAD_REQUEST', `GET is for queries, not for a ${operation}.`, {
    http: { status: 405, headers: new Map([['allow', 'POST']]) },
  });

/**
 * Apollo Server answers 500 if a check throws an error that carries no status, such as a permission that is missing for
 * a whole subscription. The table of codes then has the status.
 */
const statusOf = (
  { data, errors }: FormattedExecutionResult,
  status: number | undefined,
): number | undefined => {
  if (status !== 500 || data !== undefined) return status;
  return statuses.get(errors?.[0]?.extensions?.code) ?? status;
};
const statuses: ReadonlyMap<unknown, number> = new Map(Object.entries(errorCodes));

/** The HTTP status and headers that an error carries. */
export const httpOf = (error: unknown): Pick<OperationAnswer, 'status' | 'headers'> => {
  const http = (error instanceof GraphQLError ? error.extensions.http : undefined) as
    | { readonly status?: number; readonly headers?: ReadonlyMap<string, string> }
    | undefined;
  return { status: http?.status, headers: http?.headers ?? new Map() };
};

const refusals: ReadonlySet<unknown> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
]);

/** Apollo Server's own hooks run side by side: one that refuses would not keep the others from going on. */
const inOrder = (checks: readonly OperationCheck[]): ApolloServerPlugin<OperationContext> => ({
  requestDidStart: async () => ({
    didResolveOperation: async (request) => {
      for (const check of checks) await check(request as ValidOperation);
    },
  }),
});

const noteOperation =
  ({ busy }: Supergraph): OperationCheck =>
  ({ contextValue: { record }, operation, operationName, queryHash, source, request }) => {
    record.type = operation.operation;
    record.name = operationName ?? undefined;
    if (record.type !== 'subscription') busy.note(queryHash, source, request.operationName);
  };

/** Plans a subscription at the point at which Apollo Server would execute it. */
const handOver =
  (subscriptions: Subscriptions): OperationCheck =>
  (request) => {
    if (request.operation.operation !== 'subscription') return;
    const { subscription } = request.contextValue;
    if (subscription === undefined)
      throw new RookeryError(
        'BAD_REQUEST',
        'Subscriptions run over WebSocket, as text/event-stream, or as multipart/mixed;subscriptionSpec=1.0.',
        { http: { status: 400 } },
      );
    subscription.started = subscriptions.prepare(request);
  };

/** Completes the answer by what executor and subgraphs say of it as a whole, and notes what is logged and counted. */
const answerer: ApolloServerPlugin<OperationContext> = {
  requestDidStart: async ({ contextValue: { record, answer, subscription } }) => ({
    didResolveSource: async ({ queryHash }) => {
      record.hash = queryHash;
    },
    responseForOperation: async ({ response }) => {
      if (subscription?.started === undefined) return null;
      return { http: response.http, body: { kind: 'single', singleResult: { data: null } } };
    },
    willSendResponse: async ({ response }) => {
      if (response.body.kind !== 'single') return;
      const result = response.body.singleResult;
      complete(result, answer);
      noteAnswer(record, result);
    },
  }),
};

const noteAnswer = (
  record: OperationContext['record'],
  { errors = [], data }: Pick<FormattedExecutionResult, 'errors' | 'data'>,
): void => {
  record.codes = errors.map(({ extensions }) => String(extensions?.code));
  record.refused = data === undefined && refusals.has(record.codes[0]);
};

type Result = Extract<GraphQLResponse['body'], { kind: 'single' }>['singleResult'];

const complete = (result: Result, { stale, restore }: OperationContext['answer']): void => {
  restore?.(result);
  if (stale) result.extensions = { stale };
  else delete result.extensions;
};
