import { createClient } from 'graphql-sse';
import { apiUrl, authorization } from '../session.ts';
import { type LiveSink, resume } from './resume.ts';

const client = createClient({
  url: apiUrl,
  headers: authorization,
  retryAttempts: 0, // resume() retries, from the last cursor
});

/** Follows a subscription over Server-Sent Events, across any number of streams. Returns what ends it. */
export const followOverEventStream = (
  query: string,
  variables: Record<string, unknown>,
  sink: LiveSink,
): (() => void) =>
  resume((current, once) => client.subscribe({ query, variables: current }, once), variables, sink);
