import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

/** The gateway answers data: nothing in it is to be loaded, run or framed. Pages bring their own policy. */
export const securityHeaders = async (app: FastifyInstance): Promise<void> => {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
  });
};
