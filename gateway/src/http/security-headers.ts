import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import helmet from 'helmet';

/** The gateway answers data: nothing in it is to be loaded, run or framed. Pages bring their own policy. */
const policy = "default-src 'none';frame-ancestors 'none'";

/** Returns the headers that Helmet sets. */
const helmetHeaders = (): Readonly<Record<string, string>> => {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  helmet({ contentSecurityPolicy: false })(request, response, () => {});
  return Object.fromEntries(
    Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]),
  );
};

/** Headers of each response. They are made once, because that takes a while. */
export const securityHeaders: Readonly<Record<string, string>> = {
  ...helmetHeaders(),
  'content-security-policy': policy,
};

export const setSecurityHeaders = (app: FastifyInstance): void => {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(securityHeaders);
    done();
  });
};
