import { ApolloProvider } from '@apollo/client/react';
import { createRoot } from 'react-dom/client';
import { client } from './client.ts';
import { Feed } from './feed.tsx';

createRoot(document.body.appendChild(document.createElement('main'))).render(
  <ApolloProvider client={client}>
    <Feed />
  </ApolloProvider>,
);
