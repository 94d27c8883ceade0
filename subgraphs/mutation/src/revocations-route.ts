import { gatewayHeader, verifyStamp } from '@rookery/service';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { SessionTable } from './accounts/sessions.ts';

const asked = z.object({
  after: z
    .string()
    .regex(/^\d{1,18}$/)
    .default('0'),
});

/** Where gateways read which sessions have ended: `GET /.well-known/revocations?after=<cursor>`, stamped. */
export const serveRevocations = (
  app: FastifyInstance,
  sessions: Pick<SessionTable, 'revokedAfter'>,
  secret: string,
): void => {
  app.get('/.well-known/revocations', async ({ headers, query }, reply) => {
    reply.header('cache-control', 'no-store');
    if (verifyStamp(secret, headers[gatewayHeader]) === undefined) return reply.code(403).send({});
    const read = asked.safeParse(query);
    if (!read.success) return reply.code(400).send({});
    try {
      return await sessions.revokedAfter(read.data.after);
    } catch {
      // The accounts have logged why.
      return reply.code(503).send({});
    }
  });
};
