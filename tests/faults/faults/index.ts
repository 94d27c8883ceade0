import type { Fault } from '../fault.ts';
import { eventFaults } from './events.ts';
import { linkFaults } from './links.ts';
import { processFaults } from './processes.ts';
import { serverFaults } from './servers.ts';

/** The fault matrix: every row is here, some in several parts. */
export const faults: readonly Fault[] = [...processFaults, ...serverFaults, ...linkFaults, ...eventFaults];

export const faultNamed = (name: string): Fault | undefined => faults.find((fault) => fault.name === name);
