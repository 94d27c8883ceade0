import { environmentName, gatewayName, launchAnswer } from '@rookery/registry-protocol';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Checks } from '../checks.ts';
import type { Composer } from '../compose/composer.ts';
import type { Deliveries } from '../deliveries.ts';
import { approval, page, promotion, publication, rollback, versionNumber, versionPair } from '../input.ts';
import type { Manifests } from '../manifests.ts';
import type { Operations } from '../operations.ts';
import type { Registry } from '../registry.ts';
import { listApprovals } from '../storage/approvals.ts';
import { listAudit } from '../storage/audit-log.ts';
import type { Database } from '../storage/database.ts';
import { launchStates, noteAnswer } from '../storage/gateways.ts';
import type { TokenVerifier } from '../storage/tokens.ts';
import { history, readContents, readVersion } from '../storage/versions.ts';
import { addAppRoutes } from './app-routes.ts';
import { addCheckRoutes } from './check-routes.ts';
import { type AddRoute, readInput, routesOf } from './route.ts';
import { addUsageRoutes } from './usage-routes.ts';

export interface RouteParts {
  readonly registry: Registry;
  readonly database: Database;
  readonly checks: Checks;
  readonly operations: Operations;
  readonly deliveries: Deliveries;
  readonly manifests: Manifests;
  readonly tokens: TokenVerifier;
  readonly composer: Composer;
}

const maxPublicationBytes = 32 * 1024 * 1024;

const ofVersion = z.object({ version: versionNumber });
const ofEnvironment = z.object({ environment: environmentName });

/** Adds all routes. */
export const addRoutes = (app: FastifyInstance, parts: RouteParts): void => {
  const route = routesOf(app, parts.tokens);
  addVersions(route, parts);
  addLaunches(route, parts);
  addApprovals(route, parts);
  addAppRoutes(route, parts);
  addCheckRoutes(route, parts);
  addUsageRoutes(route, parts);
  addDelivery(app, parts);
};

const addVersions = (route: AddRoute, { registry, database }: RouteParts): void => {
  route({
    method: 'POST',
    url: '/v1/publish',
    scope: 'publish',
    body: publication,
    maxBodyBytes: maxPublicationBytes,
    answer: async ({ token, body }) => {
      const { version, created } = await registry.publish(body, token);
      return { status: created ? 201 : 200, body: { ...version, created } };
    },
  });
  route({
    method: 'GET',
    url: '/v1/versions',
    scope: 'read',
    query: page,
    answer: async ({ query }) => ({ body: { versions: await history(database, query) } }),
  });
  route({
    method: 'GET',
    url: '/v1/versions/:version',
    scope: 'read',
    params: ofVersion,
    answer: async ({ params }) => {
      const version = await readVersion(database, params.version);
      return { body: { ...version, contents: await readContents(database, version.subgraphs) } };
    },
  });
  route({
    method: 'GET',
    url: '/v1/diff',
    scope: 'read',
    query: versionPair,
    answer: async ({ query: { from, to } }) => ({
      body: { from, to, changes: await registry.diff(from, to) },
    }),
  });
};

const addLaunches = (route: AddRoute, { registry, database }: RouteParts): void => {
  route({
    method: 'POST',
    url: '/v1/environments/:environment/promote',
    scope: 'publish',
    params: ofEnvironment,
    body: promotion,
    answer: async ({ token, params, body }) => {
      const { launch, created } = await registry.promote({ ...params, ...body }, token);
      return { status: created ? 201 : 200, body: { ...launch, created } };
    },
  });
  route({
    method: 'POST',
    url: '/v1/environments/:environment/rollback',
    scope: 'publish',
    params: ofEnvironment,
    body: rollback,
    answer: async ({ token, params, body }) => {
      const { launch, created } = await registry.rollBack({ ...params, ...body }, token);
      return { status: created ? 201 : 200, body: { ...launch, created } };
    },
  });
  route({
    method: 'GET',
    url: '/v1/environments/:environment/launches',
    scope: 'read',
    params: ofEnvironment,
    query: page,
    answer: async ({ params: { environment }, query: { limit } }) => ({
      body: { launches: await launchStates(database, environment, limit) },
    }),
  });
  route({
    method: 'POST',
    url: '/v1/environments/:environment/gateways/:gateway',
    scope: 'report',
    params: z.object({ environment: environmentName, gateway: gatewayName }),
    body: launchAnswer,
    answer: async ({ params: { environment, gateway }, body }) => {
      await noteAnswer(database, environment, gateway, body);
      return { body: {} };
    },
  });
};

const addApprovals = (route: AddRoute, { registry, database }: RouteParts): void => {
  route({
    method: 'POST',
    url: '/v1/approvals',
    scope: 'publish',
    body: approval,
    answer: async ({ token, body }) => {
      const { approval: stored, created } = await registry.approve(body, token);
      return { status: created ? 201 : 200, body: { ...stored, created } };
    },
  });
  route({
    method: 'GET',
    url: '/v1/approvals',
    scope: ['check', 'read'],
    answer: async () => ({ body: { approvals: await listApprovals(database) } }),
  });
  route({
    method: 'GET',
    url: '/v1/audit',
    scope: 'read',
    query: page,
    answer: async ({ query }) => ({ body: { entries: await listAudit(database, query) } }),
  });
};

/** Serves what gateways poll, with ETags: the signed supergraph, and the manifest of the documents that they trust. */
const addDelivery = (app: FastifyInstance, { deliveries, manifests, tokens }: RouteParts): void => {
  app.get('/v1/environments/:environment/supergraph', async (request, reply) => {
    await tokens.verify(request.headers.authorization, 'read');
    const { environment } = readInput(ofEnvironment, request.params);
    const { text, etag, launch } = await deliveries.current(environment);
    reply.headers({ etag, 'cache-control': 'no-cache', 'x-rookery-launch': String(launch.launch) });
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    return reply.type('text/plain; charset=utf-8').send(text);
  });
  app.get('/v1/environments/:environment/manifest', async (request, reply) => {
    await tokens.verify(request.headers.authorization, 'read');
    const { environment } = readInput(ofEnvironment, request.params);
    const { text, etag } = await manifests.current(environment);
    reply.headers({ etag, 'cache-control': 'no-cache' });
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    return reply.type('application/json; charset=utf-8').send(text);
  });
};
