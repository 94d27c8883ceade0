import type { FormattedExecutionResult } from 'graphql';
import {
  Environment,
  type FetchFunction,
  type GraphQLResponse,
  Network,
  Observable,
  RecordSource,
  Store,
  type SubscribeFunction,
} from 'relay-runtime';
import { followOverWebSocket } from '../live/web-socket.ts';
import { apiUrl, authorization } from '../session.ts';

const fetchOperation: FetchFunction = async ({ operationKind, text }, variables) => {
  const response = await fetch(apiUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization() },
    body: JSON.stringify({ query: text, variables }),
  });
  const answer = (await response.json()) as FormattedExecutionResult;
  // To Relay an answer with `data` is a success, even if the mutation's only field was refused.
  const refusal = answer.errors?.find(({ path }) => path?.length === 1);
  if (operationKind === 'mutation' && refusal) throw new Error(refusal.message, { cause: refusal });
  return answer as GraphQLResponse;
};

const subscribe: SubscribeFunction = ({ text }, variables) =>
  Observable.create<GraphQLResponse>((sink) =>
    followOverWebSocket(text ?? '', variables, {
      next: (result) => sink.next(result as GraphQLResponse),
      error: sink.error,
    }),
  );

export const environment = new Environment({
  network: Network.create(fetchOperation, subscribe),
  store: new Store(new RecordSource()),
});
