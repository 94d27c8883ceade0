import { environmentName } from '@rookery/registry-protocol';
import { z } from 'zod';
import type { Checks } from '../checks.ts';
import { checkPage, checkRequest, versionNumber } from '../input.ts';
import { listChecks, readCheck } from '../storage/checks.ts';
import type { Database } from '../storage/database.ts';
import type { AddRoute } from './route.ts';

const maxRequestBytes = 32 * 1024 * 1024;
const ofEnvironment = z.object({ environment: environmentName });

/** Adds checks and their reports. */
export const addCheckRoutes = (
  route: AddRoute,
  { checks, database }: { readonly checks: Checks; readonly database: Database },
): void => {
  route({
    method: 'POST',
    url: '/v1/environments/:environment/checks',
    scope: 'check',
    params: ofEnvironment,
    body: checkRequest,
    maxBodyBytes: maxRequestBytes,
    answer: async ({ params: { environment }, body }) => {
      const { check, report } = await checks.run(environment, body);
      return { status: 201, body: { ...check, report } };
    },
  });
  route({
    method: 'GET',
    url: '/v1/environments/:environment/checks',
    scope: 'read',
    params: ofEnvironment,
    query: checkPage,
    answer: async ({ params: { environment }, query: { pullRequest, ...page } }) => ({
      body: { checks: await listChecks(database, environment, page, pullRequest) },
    }),
  });
  route({
    method: 'GET',
    url: '/v1/checks/:check',
    scope: 'read',
    params: z.object({ check: versionNumber }),
    answer: async ({ params: { check } }) => ({ body: await readCheck(database, check) }),
  });
};
