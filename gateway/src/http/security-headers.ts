import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

/** The gateway answers data: nothing in it is to be loaded, run or framed. Pages bring their own policy. */
const policy = "default-src 'none';frame-ancestors 'none'";

export const securityHeaders = async (app: FastifyInstance): Promise<void> => {
  // The library would build the policy for each response.
  await app.register(helmet, { contentSecurityPolicy: false });
  app.addHook('onRequest', (_request, reply, done) => {
    reply.header('content-security-policy', policy);
    done();
  });
};
