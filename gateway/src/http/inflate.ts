import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { RookeryError } from '@rookery/graphql-server';
import type { FastifyInstance } from 'fastify';

const decoders = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/**
 * Reads compressed bodies (RFC 9110, section 8.4). Fastify counts what comes out against its body limit while it
 * comes, so a bomb ends at the limit and takes no more memory than any body.
 */
export const inflateBodies = (app: FastifyInstance): void => {
  app.addHook('preParsing', ({ headers }, _reply, payload, done) => {
    const encoding = headers['content-encoding']?.toLowerCase();
    if (encoding === undefined || encoding === 'identity') return done(null, payload);
    if (!Object.hasOwn(decoders, encoding))
      return done(
        Object.assign(new RookeryError('BAD_REQUEST', 'This content encoding is not supported.'), {
          statusCode: 415,
        }),
      );
    // Length of the compressed body; the limit applies to the uncompressed one.
    delete headers['content-length'];
    const decoder = decoders[encoding as keyof typeof decoders]();
    payload.on('error', (error) => decoder.destroy(error));
    decoder.on('error', (error) => Object.assign(error, { statusCode: 400 }));
    done(null, payload.pipe(decoder));
  });
};
