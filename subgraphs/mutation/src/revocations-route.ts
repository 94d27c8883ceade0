import { RookeryError } from '@rookery/graphql-server';
import { verifyGateway } from '@rookery/graphql-server/subgraph';
import type { Logger } from '@rookery/runtime';
import { type GatewayVerifier, gatewayHeader } from '@rookery/subgraph-auth';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { SessionTable } from './accounts/sessions.ts';

const asked = z.object({
  after: z
    .string()
    .regex(/^\d{1,18}$/)
    .default('0'),
});

/** Serves the list of ended sessions to gateways: `GET /.well-known/revocations?after=<cursor>`, with a token of the gateway. */
export const serveRevocations = (
  app: FastifyInstance,
  sessions: Pick<SessionTable, 'revokedAfter'>,
  verifier: GatewayVerifier,
  log: Logger,
): void => {
  app.get('/.well-known/revocations', async ({ headers, query }, reply) => {
    reply.header('cache-control', 'no-store');
    try {
      await verifyGateway(verifier, headers[gatewayHeader], log);
    } catch (error) {
      const refused = error instanceof RookeryError && error.code === 'FORBIDDEN';
      return reply.code(refused ? 403 : 503).send({});
    }
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
