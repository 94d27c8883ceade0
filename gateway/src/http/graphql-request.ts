import { RookeryError } from '@rookery/graphql-server';
import type { FastifyRequest } from 'fastify';
import { isRecord } from '../pipeline/is-record.ts';
import type { OperationRequest } from '../pipeline/operation.ts';

/** Headers that make a browser send a preflight before a cross-origin request. */
const preflightHeaders = ['apollo-require-preflight', 'x-apollo-operation-name'];
/** Content types that a page can send to another origin without a preflight ("simple" ones, in the Fetch standard). */
const simpleTypes = ['', 'text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'];

const badRequest = (message: string, status = 400, headers: Readonly<Record<string, string>> = {}) =>
  new RookeryError('BAD_REQUEST', message, { http: { status, headers: new Map(Object.entries(headers)) } });

/** Content of one HTTP request: one operation, or a batch. */
export type Received = OperationRequest | readonly OperationRequest[];

/**
 * Reads the operations of an HTTP request (GraphQL over HTTP, section 5).
 * @param batch how many an array may hold; 0 allows none
 * @throws RookeryError BAD_REQUEST, with its status
 */
export const readRequest = (request: FastifyRequest, batch: number): Received => {
  if (request.method !== 'GET' && request.method !== 'POST')
    throw badRequest('GraphQL is served by GET and POST alone.', 405, { allow: 'GET, POST' });
  preventCsrf(request);
  if (request.method === 'GET') return parametersOf(inUrl(request.url));
  if (mediaType(request) !== 'application/json')
    throw badRequest('The content type of a POST must be application/json.', 415, {
      'accept-post': 'application/json',
    });
  return operationsIn(request.body, batch);
};

/**
 * Returns the operations of a JSON body.
 * @throws RookeryError BAD_REQUEST
 */
export const operationsIn = (body: unknown, batch: number): Received => {
  if (!Array.isArray(body)) return parametersOf(body);
  if (batch === 0) throw badRequest('Operations come one by one: batching is off.');
  if (body.length === 0 || body.length > batch) throw badRequest(`A batch has 1 to ${batch} operations.`);
  return body.map(parametersOf);
};

const mediaType = ({ headers }: FastifyRequest): string =>
  (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

/**
 * Prevents CSRF. A page of any origin can make a browser send simple requests. It cannot read the response,
 * but the request takes effect, so nothing is executed that a browser would send without a preflight. A GET
 * has no body, and browsers differ in the content types that they send with it without a preflight, so only
 * application/json counts as proof there.
 */
const preventCsrf = (request: FastifyRequest): void => {
  const type = mediaType(request);
  if (request.method === 'GET' ? type === 'application/json' : !simpleTypes.includes(type)) return;
  if (preflightHeaders.some((name) => request.headers[name])) return;
  throw badRequest(
    `Blocked, since it could be cross-site request forgery: send a content type of application/json, or one of the headers ${preflightHeaders.join(', ')}.`,
  );
};

const parametersOf = (given: unknown): OperationRequest => {
  if (!isRecord(given)) throw badRequest('A GraphQL request is an object.');
  const query = textIn(given, 'query');
  const operationName = textIn(given, 'operationName');
  const variables = objectIn(given, 'variables');
  const extensions = objectIn(given, 'extensions');
  return { query, operationName, variables, extensions };
};

/** Returns undefined for null and the empty text too. @throws RookeryError BAD_REQUEST */
const textIn = (given: Record<string, unknown>, name: string): string | undefined => {
  const value = given[name];
  if (typeof value === 'string') return value === '' ? undefined : value;
  if (value === undefined || value === null) return undefined;
  throw badRequest(`${name} must be a string.`);
};

/** Returns undefined for null too. @throws RookeryError BAD_REQUEST */
const objectIn = (given: Record<string, unknown>, name: string): Record<string, unknown> | undefined => {
  const value = given[name];
  if (value === undefined || value === null) return undefined;
  if (isRecord(value)) return value;
  throw badRequest(`${name} must be an object.`);
};

const inUrl = (url: string): Record<string, unknown> => {
  const at = url.indexOf('?');
  const text = at < 0 ? '' : url.slice(at);
  try {
    // URLSearchParams would put U+FFFD for bytes that are not UTF-8.
    decodeURIComponent(text);
  } catch {
    throw badRequest('The URL must be percent-encoded UTF-8.');
  }
  const search = new URLSearchParams(text);
  const one = (name: string): string | undefined => {
    const [value, ...more] = search.getAll(name);
    if (more.length > 0) throw badRequest(`${name} comes more than once.`);
    return value;
  };
  const json = (name: string): unknown => {
    const text = one(name);
    if (!text) return undefined;
    try {
      return JSON.parse(text);
    } catch {
      throw badRequest(`${name} must be JSON.`);
    }
  };
  return {
    query: one('query'),
    operationName: one('operationName'),
    variables: json('variables'),
    extensions: json('extensions'),
  };
};
