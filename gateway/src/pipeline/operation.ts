import type { GraphQLRequest, GraphQLRequestContext } from '@apollo/server';
import type { FormattedExecutionResult } from 'graphql';
import type { OperationContext } from './context.ts';

/** Request of a client on any transport. */
export type OperationRequest = Pick<GraphQLRequest, 'query' | 'operationName' | 'variables' | 'extensions'>;

export interface OperationAnswer {
  readonly result: FormattedExecutionResult;
  /** HTTP status determined by the operation; undefined is 200. */
  readonly status: number | undefined;
  readonly headers: ReadonlyMap<string, string>;
}

/** An operation that has parsed and validated, before it is planned. */
export type ValidOperation = GraphQLRequestContext<OperationContext> &
  Required<Pick<GraphQLRequestContext<OperationContext>, 'document' | 'operation' | 'queryHash' | 'source'>>;

/** Refuses an operation by throwing, or takes note of it. */
export type OperationCheck = (operation: ValidOperation) => void | Promise<void>;
