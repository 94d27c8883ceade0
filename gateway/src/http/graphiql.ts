import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Asset } from './graphiql/assets.ts';

const base = '/graphiql';

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>Rookery</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="${base}/graphiql.css">
  </head>
  <body class="no-focus-outline">
    <noscript>GraphiQL needs JavaScript.</noscript>
    <div id="root"></div>
    <script src="${base}/graphiql.js"></script>
    <script src="${base}/graphql-ws.js"></script>
    <script src="${base}/page.js" data-assets="${base}"></script>
  </body>
</html>
`;

/** Only from here and only to here; the editor writes its own styles and carries its fonts with it. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** GraphiQL at /graphiql: queries, mutations and subscriptions, with a headers pane for the token. */
export const serveGraphiql = async (app: FastifyInstance): Promise<void> => {
  app.get(base, async (_request, reply) =>
    reply.type('text/html; charset=utf-8').header('content-security-policy', policy).send(page),
  );
  app.get<{ Params: { file: string } }>(`${base}/:file`, async (request, reply) => {
    // Nine megabytes that most processes never need are loaded by the first who asks.
    const { assets } = await import('./graphiql/assets.ts');
    const asset = assets.get(request.params.file);
    return asset ? send(asset, request, reply) : reply.callNotFound();
  });
};

const send = (
  { type, plain, gzipped, etag }: Asset,
  { headers }: FastifyRequest,
  reply: FastifyReply,
): FastifyReply => {
  reply.headers({ etag, 'cache-control': 'no-cache', vary: 'accept-encoding' });
  if (headers['if-none-match'] === etag) return reply.code(304).send();
  const zipped = headers['accept-encoding']?.includes('gzip') === true;
  return reply
    .type(type)
    .headers(zipped ? { 'content-encoding': 'gzip' } : {})
    .send(zipped ? gzipped : plain);
};
