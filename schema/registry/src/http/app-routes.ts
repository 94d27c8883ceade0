import { appPublication, appRetirement, environmentName } from '@rookery/registry-protocol';
import { z } from 'zod';
import { page } from '../input.ts';
import type { Operations } from '../operations.ts';
import { listApps } from '../storage/app-versions.ts';
import type { Database } from '../storage/database.ts';
import { readTrusted } from '../storage/trusted-documents.ts';
import type { AddRoute } from './route.ts';

const maxDocumentBytes = 32 * 1024 * 1024;
const ofEnvironment = z.object({ environment: environmentName });

/** Adds the life cycle of app versions, and what checks read of their documents. */
export const addAppRoutes = (
  route: AddRoute,
  { operations, database }: { readonly operations: Operations; readonly database: Database },
): void => {
  route({
    method: 'POST',
    url: '/v1/environments/:environment/app-versions',
    scope: 'publish',
    params: ofEnvironment,
    body: appPublication,
    maxBodyBytes: maxDocumentBytes,
    answer: async ({ token, params: { environment }, body }) => {
      const { app, changed } = await operations.publish(environment, body, token);
      return { status: changed ? 201 : 200, body: { ...app, created: changed } };
    },
  });
  route({
    method: 'POST',
    url: '/v1/environments/:environment/app-versions/retire',
    scope: 'publish',
    params: ofEnvironment,
    body: appRetirement,
    answer: async ({ token, params: { environment }, body }) => {
      const { app, changed } = await operations.retire(environment, body, token);
      return { body: { ...app, changed } };
    },
  });
  route({
    method: 'GET',
    url: '/v1/environments/:environment/app-versions',
    scope: ['read', 'check', 'publish'],
    params: ofEnvironment,
    query: page,
    answer: async ({ params: { environment }, query }) => ({
      body: { appVersions: await listApps(database, environment, query) },
    }),
  });
  route({
    method: 'GET',
    url: '/v1/environments/:environment/trusted-documents',
    scope: 'check',
    params: ofEnvironment,
    answer: async ({ params: { environment } }) => ({
      body: { documents: await readTrusted(database, environment) },
    }),
  });
};
