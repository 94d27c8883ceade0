import type { Fault } from '../fault.ts';
import { clockFaults } from './clock.ts';
import { deliveryFaults } from './deliveries.ts';
import { diskFaults } from './disks.ts';
import { eventFaults } from './events.ts';
import { fallbackFaults } from './fallbacks.ts';
import { keyFaults } from './keys.ts';
import { linkFaults } from './links.ts';
import { popularityFaults } from './popularity.ts';
import { processFaults } from './processes.ts';
import { projectionFaults } from './projections.ts';
import { serverFaults } from './servers.ts';
import { subscriberFaults } from './subscribers.ts';

/** The fault matrix: every row is here, some in several parts. */
export const faults: readonly Fault[] = [
  ...processFaults,
  ...serverFaults,
  ...fallbackFaults,
  ...linkFaults,
  ...eventFaults,
  ...deliveryFaults,
  ...projectionFaults,
  ...popularityFaults,
  ...subscriberFaults,
  ...diskFaults,
  ...clockFaults,
  ...keyFaults,
];

export const faultNamed = (name: string): Fault | undefined => faults.find((fault) => fault.name === name);
