import type { FastifyInstance } from 'fastify';

const help = `This is a GraphQL endpoint.

Send operations by POST to /graphql, as JSON:

  curl -H 'content-type: application/json' -d '{"query":"{ __typename }"}' <address of this page>/graphql

Subscriptions run at the same path, over WebSocket (graphql-transport-ws), as text/event-stream, or as
multipart/mixed;subscriptionSpec=1.0.
`;

/**
 * Answers people who open the gateway in a browser: `/`, and `/graphql` without an operation, lead to GraphiQL if it
 * is served, and else explain in plain text what to send.
 */
export const serveLanding = (app: FastifyInstance, { graphiql }: { readonly graphiql: boolean }): void => {
  app.get('/', (_request, reply) =>
    // Not found, as scanners for GraphQL IDEs expect of production; the text is for people.
    graphiql
      ? reply.redirect('/graphiql', 302)
      : reply.code(404).type('text/plain; charset=utf-8').send(help),
  );
  app.addHook('onRequest', (request, reply, done) => {
    const { method, url, headers } = request;
    if (method !== 'GET' || !headers.accept?.includes('text/html') || !/^\/graphql(\?|$)/.test(url))
      return done();
    if (graphiql) {
      // GraphiQL takes the same parameters (query, variables) as a GET request.
      reply.redirect(url.replace('/graphql', '/graphiql'), 302);
    } else if (new URL(url, 'http://gateway').searchParams.has('query')) {
      done();
    } else {
      reply.code(400).type('text/plain; charset=utf-8').send(help);
    }
  });
};
