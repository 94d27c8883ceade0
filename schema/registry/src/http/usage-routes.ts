import { environmentName, gatewayName, openSubscriptionsPart, usageBatch } from '@rookery/registry-protocol';
import { z } from 'zod';
import type { Composer } from '../compose/composer.ts';
import { busiestWindow, mostOf, usagePageOf, usageWindow } from '../input.ts';
import type { Database } from '../storage/database.ts';
import { listOpenSubscriptions, noteOpenSubscriptions } from '../storage/open-subscriptions.ts';
import { busiestOperations, type OperationUsage, readUsagePage } from '../storage/read-usage.ts';
import { addUsage } from '../storage/usage.ts';
import { coordinatesOf } from '../usage.ts';
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
    method: 'POST',
    url: '/v1/environments/:environment/gateways/:gateway/subscriptions',
    scope: 'report',
    params: ofEnvironment.extend({ gateway: gatewayName }),
    body: openSubscriptionsPart,
    maxBodyBytes: maxBatchBytes,
    answer: async ({ params: { environment, gateway }, body }) => {
      await noteOpenSubscriptions(database, environment, gateway, body);
      return { body: {} };
    },
  });
  route({
    method: 'GET',
    url: '/v1/environments/:environment/subscriptions',
    scope: 'read',
    params: ofEnvironment,
    query: mostOf,
    answer: async ({ params: { environment }, query: { limit } }) => ({
      body: await listOpenSubscriptions(database, environment, limit),
    }),
  });
  route({
    method: 'GET',
    url: '/v1/environments/:environment/usage',
    scope: 'check',
    params: ofEnvironment,
    query: usagePageOf,
    answer: async ({ params: { environment }, query: { after, ...window } }) => {
      const { operations, next } = await readUsagePage(database, environment, window, after);
      const more = next === undefined ? {} : { next };
      // The format that the check reads knows neither errors nor durations.
      return { body: { version: 1, ...window, operations: operations.map(asReported), ...more } };
    },
  });
  route({
    method: 'GET',
    url: '/v1/environments/:environment/operations',
    scope: 'read',
    params: ofEnvironment,
    query: busiestWindow,
    answer: async ({ params: { environment }, query: { limit, ...window } }) => ({
      body: { ...window, ...(await busiestOperations(database, environment, window, limit)) },
    }),
  });
  route({
    method: 'GET',
    url: '/v1/environments/:environment/coordinates',
    scope: 'read',
    params: ofEnvironment,
    query: usageWindow,
    answer: async ({ params: { environment }, query }) => {
      const coordinates = await coordinatesOf(database, composer, environment, query);
      return {
        body: {
          ...query,
          // Open subscriptions are use, too, even without a request in the window.
          used: coordinates.filter(({ lastSeen }) => lastSeen !== null).toSorted((a, b) => b.count - a.count),
          unused: coordinates.filter(({ lastSeen }) => lastSeen === null).map(({ coordinate }) => coordinate),
        },
      };
    },
  });
};
