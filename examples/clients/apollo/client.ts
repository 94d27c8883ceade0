import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, Observable } from '@apollo/client';
import { SetContextLink } from '@apollo/client/link/context';
import { relayStylePagination } from '@apollo/client/utilities';
import { OperationTypeNode, print } from 'graphql';
import { followOverWebSocket } from '../live/web-socket.ts';
import { apiUrl, authorization } from '../session.ts';

const http = new SetContextLink(({ headers }) => ({ headers: { ...headers, ...authorization() } })).concat(
  new HttpLink({ uri: apiUrl }),
);

const live = new ApolloLink(
  ({ query, variables }) =>
    new Observable((observer) => followOverWebSocket(print(query), variables, observer)),
);

export const client = new ApolloClient({
  link: ApolloLink.split(({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION, live, http),
  cache: new InMemoryCache({
    typePolicies: { Query: { fields: { friendsFeed: relayStylePagination() } } },
  }),
});
