import { environmentName, usageBatch } from '@rookery/registry-protocol';
import { z } from 'zod';
import type { Composer } from '../compose/composer.ts';
import { RegistryError } from '../errors.ts';
import { usageWindow } from '../input.ts';
import type { Database } from '../storage/database.ts';
import { readDelivery } from '../storage/launches.ts';
import { addUsage, type OperationUsage, readUsage } from '../storage/usage.ts';
import type { AddRoute } from './route.ts';

const maxBatchBytes = 16 * 1024 * 1024;
const ofEnvironment = z.object({ environment: environmentName });

const asReported = ({ errors: _, durationMs: __, ...operation }: OperationUsage) => operation;

/** Adds what gateways report of operations, and what people ask about it. */
export const addUsageRoutes = (
  route: AddRoute,
  { database, composer }: { readonly database: Database; readonly composer: Composer },
): void => {
  route({
    method: 'POST',
    url: '/v1/environments/:environment/usage',
    scope: 'report',
    params: ofEnvironment,
    body: usageBatch,
    maxBodyBytes: maxBatchBytes,
    answer: async ({ params: { environment }, body }) => {
      await addUsage(database, environment, body);
      return { body: {} };
    },
  });
  route({
    method: 'GET',
    url: '/v1/environments/:environment/usage',
    scope: 'check',
    params: ofEnvironment,
    query: usageWindow,
    answer: async ({ params: { environment }, query }) => {
      const operations = await readUsage(database, environment, query);
      // The format that the check reads knows neither errors nor durations.
      return { body: { version: 1, ...query, operations: operations.map(asReported) } };
    },
  });
  route({
    method: 'GET',
    url: '/v1/environments/:environment/operations',
    scope: 'read',
    params: ofEnvironment,
    query: usageWindow,
    answer: async ({ params: { environment }, query }) => ({
      body: { ...query, operations: await readUsage(database, environment, query) },
    }),
  });
  route({
    method: 'GET',
    url: '/v1/environments/:environment/coordinates',
    scope: 'read',
    params: ofEnvironment,
    query: usageWindow,
    answer: async ({ params: { environment }, query }) => {
      const delivered = await readDelivery(database, environment);
      if (delivered === undefined)
        throw new RegistryError('NOT_FOUND', `Nothing was delivered to the environment ${environment} yet.`);
      const operations = await readUsage(database, environment, query);
      const coordinates = await composer.usage(delivered.supergraph, operations);
      return {
        body: {
          ...query,
          used: coordinates.filter(({ count }) => count > 0).toSorted((a, b) => b.count - a.count),
          unused: coordinates.filter(({ count }) => count === 0).map(({ coordinate }) => coordinate),
        },
      };
    },
  });
};
