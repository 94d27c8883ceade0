import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import helmet from 'helmet';

/** The gateway answers data: nothing in it is to be loaded, run or framed. Pages bring their own policy. */
const policy = "default-src 'none';frame-ancestors 'none'";

/** Returns the headers that Helmet sets. They are the same for each response, and it takes a while to make them. */
const helmetHeaders = (): Readonly<Record<string, string>> => {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  helmet({ contentSecurityPolicy: false })(request, response, () => {});
  return Object.fromEntries(
    Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]),
  );
};

export const securityHeaders = (app: FastifyInstance): void => {
  const headers = { ...helmetHeaders(), 'content-security-policy': policy };
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers);
    done();
  });
};
