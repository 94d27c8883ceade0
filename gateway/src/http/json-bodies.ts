import { isUtf8 } from 'node:buffer';
import { RookeryError } from '@rookery/graphql-server';
import type { FastifyInstance, FastifyRequest } from 'fastify';

const refusal = (message: string, statusCode: number) =>
  Object.assign(new RookeryError('BAD_REQUEST', message), { statusCode });

/** Returns whether a content type names no character set but UTF-8. */
const isUtf8Type = (contentType = ''): boolean =>
  contentType
    .split(';')
    .map((parameter) => parameter.trim().toLowerCase())
    .filter((parameter) => /^charset\b/.test(parameter))
    .every((parameter) => /^charset="?utf-?8"?$/.test(parameter));

/** Reads the value of a body. @throws FastifyError or RookeryError with a status */
export type JsonParser = (contentType: string | undefined, body: Buffer) => unknown;

/**
 * Creates a parser of JSON in UTF-8, the only character set of JSON between systems (RFC 8259, section 8.1). The
 * parser of Fastify accepts any bytes and replaces invalid ones by U+FFFD.
 */
export const createJsonParser = (app: FastifyInstance): JsonParser => {
  const parse = app.getDefaultJsonParser('error', 'error');
  return (contentType, body) => {
    if (!isUtf8Type(contentType)) throw refusal('A body must be JSON in UTF-8.', 415);
    if (!isUtf8(body)) throw refusal('The body is not UTF-8.', 400);
    let value: unknown;
    // Calls back at once. It looks at the body alone.
    parse({} as FastifyRequest, body.toString(), (error, parsed) => {
      if (error) throw error;
      value = parsed;
    });
    return value;
  };
};

/** Reads bodies with the parser above. */
export const readJsonBodies = (app: FastifyInstance): void => {
  const parse = createJsonParser(app);
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) => parse(request.headers['content-type'], body),
  );
};
