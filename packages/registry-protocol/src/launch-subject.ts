import { z } from 'zod';

/** Name of an environment, such as `production`: the supergraph that one fleet of gateways serves. */
export const environmentName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be lower-case letters, digits and hyphens, at most 40 characters');

/** NATS subject on which the registry announces each launch. The message is a hint: gateways then fetch. */
export const launchSubject = (environment: string): string => `rookery.registry.launch.${environment}`;
