import type { Composer } from './compose/composer.ts';
import type { CoordinateUsage } from './compose/messages.ts';
import { RegistryError } from './errors.ts';
import type { Database } from './storage/database.ts';
import { readDelivery } from './storage/launches.ts';
import { type UsageWindow, usagePages } from './storage/read-usage.ts';

/** Adds up two parts of the use of one coordinate. */
const add = (one: CoordinateUsage, other: CoordinateUsage): CoordinateUsage => ({
  coordinate: one.coordinate,
  count: one.count + other.count,
  clients: [...new Set([...one.clients, ...other.clients])].sort(),
  lastSeen: [one.lastSeen, other.lastSeen].reduce((a, b) => ((a ?? '') > (b ?? '') ? a : b)),
});

/**
 * Returns the use of each coordinate of the supergraph that an environment serves, in schema order. Usage is read page by
 * page, however much there is.
 * @throws RegistryError NOT_FOUND
 */
export const coordinatesOf = async (
  database: Database,
  composer: Composer,
  environment: string,
  window: UsageWindow,
): Promise<readonly CoordinateUsage[]> => {
  const delivered = await readDelivery(database, environment);
  if (delivered === undefined)
    throw new RegistryError('NOT_FOUND', `Nothing was delivered to the environment ${environment} yet.`);
  let sum: readonly CoordinateUsage[] | undefined;
  for await (const operations of usagePages(database, environment, window)) {
    const part = await composer.usage(delivered.supergraph, operations);
    // Both have all coordinates of one schema, in the same order.
    sum = sum === undefined ? part : sum.map((one, index) => add(one, part[index] ?? one));
  }
  return sum ?? [];
};
