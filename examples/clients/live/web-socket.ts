import { createClient } from 'graphql-ws';
import { apiUrl, authorization } from '../session.ts';
import { type LiveSink, resume } from './resume.ts';

const client = createClient({
  url: apiUrl.replace(/^http/, 'ws'),
  connectionParams: authorization,
  retryAttempts: 0, // resume() retries, from the last cursor
});

/** Follows a subscription over WebSocket, across any number of connections. Returns what ends it. */
export const followOverWebSocket = (
  query: string,
  variables: Record<string, unknown>,
  sink: LiveSink,
): (() => void) =>
  resume((current, once) => client.subscribe({ query, variables: current }, once), variables, sink);
