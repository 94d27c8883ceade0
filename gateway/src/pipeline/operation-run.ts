import { RookeryError } from '@rookery/graphql-server';
import type { Logger } from '@rookery/runtime';
import type { FormattedExecutionResult, GraphQLFormattedError } from 'graphql';
import { maskAll } from '../errors/mask-errors.ts';
import { admit, operationIn } from '../limits/admission.ts';
import { tooMuch } from '../limits/document.ts';
import type { OperationLimits } from '../limits/limits.ts';
import { checkVariableValues } from '../limits/values.ts';
import type { Permissions } from '../permissions/permissions.ts';
import type { Permitted } from '../permissions/permitted.ts';
import type { PersistedQueries } from '../persisted/resolve.ts';
import type { OperationRates, RateHeaders } from '../rate-limit/operation-rates.ts';
import type { UsageReports } from '../registry/usage-reports.ts';
import type { Subscriptions } from '../subscriptions/subscribe.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import type { OperationContext } from './context.ts';
import { type Executed, execute, type OperationVariables, resultKey } from './execute.ts';
import { statusOf } from './http-status.ts';
import { InvalidRequestError } from './invalid-request.ts';
import type { OperationRecord, OperationRequest, Outcome } from './operation.ts';
import type { Prepared } from './prepared.ts';
import { coerceVariables } from './variables.ts';

export interface PipelineOptions {
  readonly supergraph: Supergraph;
  readonly subscriptions: Subscriptions;
  readonly persistedQueries: PersistedQueries;
  readonly limits: OperationLimits;
  /** Undefined: nothing is charged. */
  readonly rates: OperationRates | undefined;
  readonly permissions: Permissions;
  /** Undefined: operations and open subscriptions are not reported. */
  readonly usage?: UsageReports | undefined;
  /** False: errors give no hints at names in the schema. */
  readonly hints: boolean;
  readonly log: Logger;
}

type Values = Readonly<Record<string, unknown>>;

const noVariables: Values = {};
const noHeaders: RateHeaders = new Map();

/**
 * One operation on its way through the pipeline: text, admitted document, prepared operation, charge, permitted part,
 * answer. Each step returns its result, or throws and so refuses the operation. An operation that was prepared before
 * runs synchronously up to its first wait, for rate limits in Redis or its first fetch.
 */
export class OperationRun {
  readonly #options: PipelineOptions;
  readonly #request: OperationRequest;
  readonly #context: OperationContext;
  // Known when it is refused, wherever that happens.
  #hash: string | undefined;
  #prepared: Prepared | undefined;
  #cost: number | undefined;
  #headers: RateHeaders = noHeaders;

  constructor(options: PipelineOptions, request: OperationRequest, context: OperationContext) {
    this.#options = options;
    this.#request = request;
    this.#context = context;
  }

  /** Never rejects. */
  async outcome(): Promise<Outcome> {
    try {
      const found = this.#options.persistedQueries.text(this.#request);
      const prepared = this.#prepare(typeof found === 'string' ? found : await found);
      // Only a valid query is stored. Otherwise clients could fill the store with invalid ones.
      const { extensions } = this.#request;
      if (extensions?.persistedQuery) await this.#options.persistedQueries.remember(this.#request);
      return await this.#run(prepared);
    } catch (error) {
      return this.#refusal(error);
    }
  }

  /** @throws GraphQLError or InvalidRequestError if it cannot be run */
  #prepare(text: string): Prepared {
    const { supergraph, limits } = this.#options;
    const { operationName, variables = noVariables } = this.#request;
    const { operations } = supergraph.graph;
    let prepared = operations.get(text, operationName);
    if (prepared === undefined) {
      const admitted = admit(text, limits);
      this.#hash = admitted.hash;
      this.#checkMethod(operationIn(admitted.document, operationName).operation);
      prepared = operations.prepare(admitted, operationName);
    } else {
      this.#hash = prepared.hash;
      this.#checkMethod(prepared.operation.operation);
    }
    checkVariableValues(variables, prepared.variableNames, limits);
    // Plain objects, of which there are many on the way, would lose it.
    if (Object.hasOwn(variables, '__proto__'))
      throw new RookeryError('BAD_REQUEST', 'A variable cannot be called __proto__.', {
        http: { status: 400 },
      });
    this.#prepared = prepared;
    return prepared;
  }

  /** @throws RookeryError BAD_REQUEST if an operation that may change something comes by GET */
  #checkMethod(operation: string): void {
    const { queriesOnly, live } = this.#context;
    if (!queriesOnly || operation === 'query' || (operation === 'subscription' && live)) return;
    throw new RookeryError('BAD_REQUEST', `GET is for queries, not for a ${operation}.`, {
      http: { status: 405, headers: new Map([['allow', 'POST']]) },
    });
  }

  async #run(prepared: Prepared): Promise<Outcome> {
    const { supergraph, rates, permissions, limits } = this.#options;
    const { graph, operation } = prepared;
    if (operation.operation !== 'subscription') supergraph.busy.note(prepared);
    const given = prepared.variablesOf(this.#request.variables ?? noVariables);
    const { values, errors } = coerceVariables(graph.schema, operation, given);
    if (values) this.#cost = prepared.costs.of(values);
    if (this.#cost !== undefined && this.#cost > limits.cost)
      throw tooMuch(`The operation costs ${this.#cost}: the most is ${limits.cost}.`);
    const context = this.#context;
    if (rates) {
      const headers = rates.charge({ prepared, variables: values, cost: this.#cost, context });
      this.#headers = headers instanceof Promise ? await headers : headers;
    }
    if (errors) throw new InvalidRequestError(errors);
    const permitted = permissions.permit(prepared, values, context);
    if (operation.operation === 'subscription') return this.#accept(prepared, permitted, { given, values });
    const result = await this.#execute(prepared, permitted, { given, values });
    const { bytes } = result;
    if (bytes) return { kind: 'bytes', bytes, headers: this.#headers, record: this.#record([], false) };
    const formatted = result.errors.length > 0 ? this.#mask(result.errors) : undefined;
    const answer = { ...(formatted && { errors: formatted }), data: result.data };
    const whole = permitted.restore?.(answer) ?? answer;
    return this.#answer(result.isStale ? { ...whole, extensions: { stale: true } } : whole, undefined);
  }

  #execute({ graph }: Prepared, permitted: Permitted, variables: OperationVariables): Promise<Executed> {
    const context = this.#context;
    const overrides = graph.executor.overridesOf(context);
    const run = () => execute(graph, permitted, variables, context, overrides);
    if (permitted.operation.operation !== 'query') return run();
    return graph.queries.run(resultKey(permitted, variables, context, overrides), run);
  }

  #accept(prepared: Prepared, permitted: Permitted, variables: OperationVariables): Outcome {
    if (!this.#context.live)
      throw new RookeryError(
        'BAD_REQUEST',
        'Subscriptions run over WebSocket, as text/event-stream, or as multipart/mixed;subscriptionSpec=1.0.',
        { http: { status: 400 } },
      );
    const { subscriptions, usage } = this.#options;
    const begin = subscriptions.prepare(prepared.graph, permitted, variables, this.#context);
    const start =
      usage?.subscriptions.noting(begin, {
        prepared,
        variables: variables.given,
        client: this.#context.client,
      }) ?? begin;
    return { kind: 'subscription', start, headers: this.#headers, record: this.#record([], false) };
  }

  #refusal(error: unknown): Outcome {
    const errors = this.#mask(error instanceof InvalidRequestError ? error.errors : [error]);
    const { status, headers } = statusOf(error, errors);
    if (headers.size > 0) this.#headers = new Map([...this.#headers, ...headers]);
    return this.#answer({ errors }, status);
  }

  #answer(result: FormattedExecutionResult, status: number | undefined): Outcome {
    const { errors, data } = result;
    const record = this.#record(errors ?? [], data === undefined);
    return { kind: 'answer', result: this.#withCost(result), status, headers: this.#headers, record };
  }

  #withCost(result: FormattedExecutionResult): FormattedExecutionResult {
    if (!this.#context.showCost || this.#cost === undefined) return result;
    const cost = { estimated: this.#cost, most: this.#options.limits.cost };
    return { ...result, extensions: { ...result.extensions, cost } };
  }

  #mask(errors: readonly unknown[]): GraphQLFormattedError[] {
    const { log, hints } = this.#options;
    return maskAll(errors, { log, hints, requestId: this.#context.requestId });
  }

  /** @param isRequestError nothing was run */
  #record(errors: readonly GraphQLFormattedError[], isRequestError: boolean): OperationRecord {
    const operation = this.#prepared?.operation;
    const codes = errors.length === 0 ? noCodes : errors.map(({ extensions }) => String(extensions?.code));
    return {
      name: operation?.name?.value,
      type: operation?.operation,
      hash: this.#hash,
      cost: this.#cost,
      codes,
      refused: isRequestError && refusals.has(codes[0]),
      traceparent: this.#context.traceparent,
      used:
        this.#prepared && this.#options.usage?.operations.observe(this.#prepared, this.#request.variables),
    };
  }
}

const noCodes: readonly string[] = [];

const refusals: ReadonlySet<string | undefined> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
]);
