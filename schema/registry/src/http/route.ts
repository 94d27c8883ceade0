import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { RegistryError } from '../errors.ts';
import type { Scope, TokenHolder, TokenVerifier } from '../storage/tokens.ts';

interface Answer {
  /** Default: 200. */
  readonly status?: number;
  readonly body: object;
}

interface Request<P, Q, B> {
  readonly token: TokenHolder;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
}

export interface Route<P, Q, B> {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  /** Scope that the token needs; one of several if this is a list. */
  readonly scope: Scope | readonly Scope[];
  readonly params?: z.ZodType<P>;
  readonly query?: z.ZodType<Q>;
  readonly body?: z.ZodType<B>;
  /** In bytes; default: 64 KiB. */
  readonly maxBodyBytes?: number;
  readonly answer: (request: Request<P, Q, B>) => Promise<Answer>;
}

const defaultMaxBodyBytes = 65_536;
const nothing = z.unknown();

/** @throws RegistryError BAD_USER_INPUT that names the wrong fields */
export const readInput = <T>(schema: z.ZodType<T>, value: unknown): T => {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const issues = read.error.issues
    .slice(0, 10)
    .map(({ path, message }) => `${path.length === 0 ? 'the input' : path.join('.')}: ${message}`);
  throw new RegistryError('BAD_USER_INPUT', issues.join('; '));
};

/** Adds routes that a token must permit, and whose input is validated. */
export const routesOf =
  (app: FastifyInstance, tokens: TokenVerifier) =>
  <P = unknown, Q = unknown, B = unknown>(route: Route<P, Q, B>): void => {
    const { method, url, scope, params, query, body, maxBodyBytes = defaultMaxBodyBytes, answer } = route;
    const holders = new WeakMap<object, TokenHolder>();
    app.route({
      method,
      url,
      bodyLimit: maxBodyBytes,
      // Before the body is read, so that only those who may send one can.
      onRequest: async (request) => {
        holders.set(request, await tokens.verify(request.headers.authorization, scope));
      },
      handler: async (request, reply) => {
        const token = holders.get(request);
        if (token === undefined) throw new Error('the token was not verified');
        const result = await answer({
          token,
          params: readInput((params ?? nothing) as z.ZodType<P>, request.params),
          query: readInput((query ?? nothing) as z.ZodType<Q>, request.query),
          body: readInput((body ?? nothing) as z.ZodType<B>, request.body),
        });
        return reply.code(result.status ?? 200).send(result.body);
      },
    });
  };

export type AddRoute = ReturnType<typeof routesOf>;
