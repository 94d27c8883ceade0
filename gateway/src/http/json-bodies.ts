import { isUtf8 } from 'node:buffer';
import { RookeryError } from '@rookery/graphql-server';
import type { FastifyInstance } from 'fastify';

const refusal = (message: string, statusCode: number) =>
  Object.assign(new RookeryError('BAD_REQUEST', message), { statusCode });

/** Returns whether a content type names no character set but UTF-8. */
const isUtf8Type = (contentType = ''): boolean =>
  contentType
    .split(';')
    .map((parameter) => parameter.trim().toLowerCase())
    .filter((parameter) => /^charset\b/.test(parameter))
    .every((parameter) => /^charset="?utf-?8"?$/.test(parameter));

/**
 * Reads JSON bodies in UTF-8, the only character set of JSON between systems (RFC 8259, section 8.1). The
 * parser of Fastify accepts any bytes and replaces invalid ones by U+FFFD.
 */
export const readJsonBodies = (app: FastifyInstance): void => {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (!isUtf8Type(request.headers['content-type']))
      return done(refusal('A body must be JSON in UTF-8.', 415));
    if (!isUtf8(body)) return done(refusal('The body is not UTF-8.', 400));
    parse(request, body.toString(), done);
  });
};
