import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';

const types = {
  'style.css': 'text/css; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
} as const;

/** Serves the files of the page, which hold nothing that is secret. */
export const addAssets = (app: FastifyInstance): void => {
  for (const [name, type] of Object.entries(types)) {
    const text = readFileSync(new URL(`./assets/${name}`, import.meta.url), 'utf8');
    const etag = `"${createHash('sha256').update(text).digest('base64url')}"`;
    app.get(`/registry/assets/${name}`, (request, reply) => {
      reply.headers({ etag, 'cache-control': 'no-cache' });
      if (request.headers['if-none-match'] === etag) return reply.code(304).send();
      return reply.type(type).send(text);
    });
  }
};
