import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cloneDir } from '@rookery/stack';
import { parse } from 'yaml';
import { z } from 'zod';

/** A variable without a value is taken from the environment of `docker compose`, and left out if it is not set there. */
const environment = z.record(z.string(), z.union([z.string(), z.null()])).default({});

const service = z.object({
  image: z.string(),
  build: z.object({ context: z.string(), dockerfile: z.string() }).optional(),
  entrypoint: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  environment,
  user: z.string(),
  read_only: z.boolean(),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  restart: z.string(),
  mem_limit: z.string(),
  cpus: z.number(),
  pids_limit: z.number(),
  logging: z.object({ driver: z.string(), options: z.record(z.string(), z.string()) }),
  init: z.boolean().optional(),
  profiles: z.array(z.string()).default([]),
  network_mode: z.string().optional(),
  networks: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  stop_grace_period: z.string(),
  healthcheck: z.object({ test: z.array(z.string()).optional(), disable: z.boolean().optional() }),
});
export type Service = z.output<typeof service>;

export const composeText = readFileSync(join(cloneDir, 'compose.yaml'), 'utf8');
/** The whole file with its anchors resolved, as `docker compose` reads it. */
export const composeDocument: Readonly<Record<string, unknown>> = parse(composeText, { merge: true });
export const compose = z
  .object({
    'x-fixed': environment,
    services: z.record(z.string(), service),
    volumes: z.record(z.string(), z.unknown()),
    networks: z.record(z.string(), z.unknown()),
  })
  .parse(composeDocument);

export const services = Object.entries(compose.services);
/** The services that run our image. */
export const ours = services.filter(([, { build }]) => build !== undefined);
export const serviceOf = (name: string): Service => {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`no service ${name}`);
  return found;
};
