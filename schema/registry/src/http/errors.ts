import type { errorCodes, Logger } from '@rookery/runtime';
import type { FastifyError, FastifyInstance } from 'fastify';
import { RegistryError } from '../errors.ts';

const bodyOf = (code: keyof typeof errorCodes, message: string) => ({ error: { code, message } });

/** Answers every error as `{ error: { code, message } }`; what is unexpected is logged whole and told to nobody. */
export const answerErrors = (app: FastifyInstance, log: Logger): void => {
  app.setNotFoundHandler((request, reply) =>
    reply
      .code(404)
      .send(bodyOf('NOT_FOUND', `There is no ${request.method} ${request.url.split('?', 1)[0]}.`)),
  );
  app.setErrorHandler((error: FastifyError | RegistryError, request, reply) => {
    if (error instanceof RegistryError)
      return reply.code(error.status).send(bodyOf(error.code, error.message));
    const status = error.statusCode;
    if (status !== undefined && status >= 400 && status < 500)
      return reply.code(status).send(bodyOf('BAD_REQUEST', error.message));
    log.error({ error, requestId: request.id }, 'a request failed');
    return reply
      .code(500)
      .send(bodyOf('INTERNAL_SERVER_ERROR', `The registry failed; its log has the request ${request.id}.`));
  });
};
