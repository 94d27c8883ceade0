import {
  ApolloServer,
  type ApolloServerPlugin,
  type GraphQLRequest,
  type GraphQLResponse,
} from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { type Logger, RookeryError } from '@rookery/service';
import type { FormattedExecutionResult } from 'graphql';
import type { OperationContext } from './context.ts';
import { formatError, maskAll } from './mask-errors.ts';
import { nullErrors } from './null-errors.ts';
import { withRequestId } from './request-id.ts';
import type { SubscriptionRequest, Subscriptions } from './subscriptions/subscribe.ts';
import type { Supergraph } from './supergraph.ts';

export interface OperationsOptions {
  readonly supergraph: Supergraph;
  readonly subscriptions: Subscriptions;
  /** Off: introspection, and hints at names in the schema. */
  readonly production: boolean;
  readonly log: Logger;
}

/** What a client over any transport can send. */
export type OperationRequest = Pick<GraphQLRequest, 'query' | 'operationName' | 'variables' | 'extensions'>;

/**
 * The one pipeline for operations of every kind over every transport: parse, validate, check, plan, run, mask.
 * A subscription goes through it up to its plan and is then handed over in the context.
 */
export class Operations {
  readonly server: ApolloServer<OperationContext>;
  readonly #log: Logger;

  constructor({ supergraph, subscriptions, production, log }: OperationsOptions) {
    this.#log = log;
    this.server = new ApolloServer<OperationContext>({
      gateway: supergraph.gateway,
      introspection: !production,
      hideSchemaDetailsFromClientErrors: production,
      includeStacktraceInErrorResponses: false,
      stopOnTerminationSignals: false,
      logger: log.child({ subsystem: 'apollo' }, { level: 'warn' }),
      formatError: formatError(log, { hints: !production }),
      stringifyResult: JSON.stringify,
      plugins: [
        ApolloServerPluginCacheControlDisabled(),
        ApolloServerPluginLandingPageDisabled(),
        ApolloServerPluginUsageReportingDisabled(),
        handOverSubscriptions(subscriptions),
        answerer(log),
      ],
    });
  }

  /** Runs an operation that did not come over HTTP. Never rejects. */
  run(request: OperationRequest, context: OperationContext): Promise<FormattedExecutionResult> {
    return withRequestId(context.requestId, async () => {
      try {
        const { body } = await this.server.executeOperation(request, { contextValue: context });
        if (body.kind === 'single') return body.singleResult as FormattedExecutionResult;
        throw new Error('incremental delivery is not supported');
      } catch (error) {
        return { errors: maskAll([error], this.#log) };
      }
    });
  }
}

const refusals: ReadonlySet<unknown> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
]);

/** Plans subscriptions where Apollo Server would have run them. */
const handOverSubscriptions = (subscriptions: Subscriptions): ApolloServerPlugin<OperationContext> => ({
  requestDidStart: async () => ({
    didResolveOperation: async (request) => {
      if (request.operation?.operation !== 'subscription') return;
      const { subscription } = request.contextValue;
      if (subscription === undefined)
        throw new RookeryError('BAD_REQUEST', 'Subscriptions run over WebSocket.', { http: { status: 400 } });
      subscription.started = subscriptions.prepare(request as SubscriptionRequest);
    },
    responseForOperation: async ({ contextValue, response }) => {
      if (contextValue.subscription?.started === undefined) return null;
      return { http: response.http, body: { kind: 'single', singleResult: { data: null } } };
    },
  }),
});

/** Completes the answer by what executor and subgraphs say of it as a whole, and notes what is logged and counted. */
const answerer = (log: Logger): ApolloServerPlugin<OperationContext> => ({
  requestDidStart: async ({ contextValue: { record, answer } }) => ({
    didResolveSource: async ({ queryHash }) => {
      record.hash = queryHash;
    },
    didResolveOperation: async ({ operation, operationName }) => {
      if (operation === undefined) throw noSuchOperation();
      record.type = operation.operation;
      record.name = operationName ?? undefined;
    },
    willSendResponse: async ({ response }) => {
      if (response.body.kind !== 'single') return;
      const result = response.body.singleResult;
      complete(result, answer.stale, log);
      record.codes = (result.errors ?? []).map(({ extensions }) => String(extensions?.code));
      record.refused = result.data === undefined && refusals.has(record.codes[0]);
    },
  }),
});

/** operationName names none of the document, or there are several and it names none. */
const noSuchOperation = () =>
  new RookeryError('BAD_REQUEST', 'operationName must name one operation of the document.', {
    http: { status: 400 },
  });

type Result = Extract<GraphQLResponse['body'], { kind: 'single' }>['singleResult'];

const complete = (result: Result, stale: boolean, log: Logger): void => {
  const missing = nullErrors(result.extensions);
  if (missing.length > 0) result.errors = [...(result.errors ?? []), ...maskAll(missing, log)];
  // The executor's own extensions are for the gateway alone.
  if (stale) result.extensions = { stale };
  else delete result.extensions;
};
