import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { settings } from '@rookery/runtime';
import { programs } from '@rookery/stack';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { chartDir, kustomizeDir } from './layout.ts';
import { readManifests } from './manifest.ts';
import { chartFacts, derivedSettings, storeSettings, unusedSettings } from './processes.ts';
import { chartRules } from './rules.ts';
import { createValidator } from './schemas/validate.ts';
import { chartValues } from './values.ts';

const policy = readFileSync(join(kustomizeDir, 'components/admission/policy.yaml'), 'utf8');
/** The objects of one process and the policy of keys, as text. */
const base = ['config.yaml', 'deployments.yaml']
  .flatMap((file) => readFileSync(join(kustomizeDir, 'base', file), 'utf8').split('---\n'))
  .filter((text) => text.includes('name: rookery-mutation\n'))
  .concat(policy)
  .join('---\n');
const validate = createValidator();

const findings = (text: string): string[] => {
  const all = readManifests(text);
  return [...all.flatMap(validate), ...chartRules.flatMap((rule) => rule(all))];
};

describe('findings in a manifest', () => {
  it('none, if nothing is wrong', () => {
    expect(findings(base)).toEqual([]);
  });

  it.each([
    ['an unknown field', 'revisionHistoryLimit: 5', 'revisionHistoriesLimit: 5', /revisionHistoriesLimit/],
    ['a wrong type', 'revisionHistoryLimit: 5', 'revisionHistoryLimit: five', /must be integer/],
    ['a pod that may run as root', 'runAsNonRoot: true', 'runAsNonRoot: false', /are not restricted/],
    [
      'a writable file system',
      'readOnlyRootFilesystem: true',
      'readOnlyRootFilesystem: false',
      /not restricted/,
    ],
    ['variables of Services', 'enableServiceLinks: false', 'enableServiceLinks: true', /look like settings/],
    [
      'a token of the API',
      'automountServiceAccountToken: false',
      'automountServiceAccountToken: true',
      /token/,
    ],
    ['an image without version', 'image: rookery:0.1.0', 'image: rookery:latest', /has no version/],
    ['no readiness', 'readinessProbe:', 'x-readinessProbe:', /has no readinessProbe/],
    ['no limit of memory', 'limits:', 'x-limits:', /limit of memory/],
    [
      'too little time to stop',
      'terminationGracePeriodSeconds: 17',
      'terminationGracePeriodSeconds: 13',
      /SIGKILL/,
    ],
    ['no wait for balancers', 'preStop:', 'postStart:', /does not wait for balancers/],
    ['an unknown setting', 'NODE_ENV: production', 'NODE_ENVIRONMENT: production', /is no setting/],
    ['a wrong value', 'NODE_ENV: production', 'NODE_ENV: prod', /NODE_ENV does not accept prod/],
    ['a key that is not mounted', 'path: token-key.pem', 'path: token.pem', /token-key\.pem is not mounted/],
    [
      'a password in an address',
      '//rookery@rookery-postgres',
      '//rookery:secret@rookery-postgres',
      /password/,
    ],
    [
      'a policy that debugging evades',
      '          - pods/ephemeralcontainers\n',
      '',
      /does not see pods\/ephemeralcontainers/,
    ],
  ])('%s', (_what, from, to, expected) => {
    expect(base).toContain(from);
    expect(findings(base.replaceAll(from, to)).join('\n')).toMatch(expected);
  });
});

describe('what the chart knows of the code', () => {
  it('names every setting once: by values, by the chart itself, or as unused', () => {
    const inValues = Object.keys((chartValues.shape.settings as unknown as { shape: object }).shape);
    const secrets = Object.values(chartFacts().processes).flatMap(({ secretSettings }) => secretSettings);
    for (const name of Object.keys(settings)) {
      const places = [
        inValues.includes(name),
        (derivedSettings as readonly string[]).includes(name),
        name in unusedSettings,
        name in storeSettings,
        secrets.includes(name),
      ];
      expect(places.filter(Boolean), name).toHaveLength(1);
    }
  });

  it('gives a Secret to nobody but the processes that read it', () => {
    const readers = Object.entries(chartFacts().processes).flatMap(([name, { keys }]) =>
      keys.map(({ file }) => `${file}: ${name}`),
    );
    expect(readers.sort()).toEqual([
      'cursor-secrets: mutation',
      'cursor-secrets: query',
      'internal-key.pem: gateway',
      'registry-key.pem: registry',
      'token-key.pem: mutation',
    ]);
  });

  it('has every process, with defaults that the values accept', () => {
    const values = parse(readFileSync(join(chartDir, 'values.yaml'), 'utf8'));
    expect(Object.keys(chartFacts().processes).sort()).toEqual(Object.keys(programs).sort());
    expect(chartValues.safeParse(values).success).toBe(true);
    for (const name of Object.keys(programs)) expect(values).toHaveProperty([name, 'replicas']);
  });

  it.each([
    [{ settings: { FEED_KAP: '800' } }],
    [{ settings: { POSTGRES_URL: 'postgres://elsewhere' } }],
    [{ image: { repository: 'rookery', tag: '', digest: 'sha256:short', pullPolicy: 'Always' } }],
  ])('refuses the values %j', (change) => {
    const values = parse(readFileSync(join(chartDir, 'values.yaml'), 'utf8'));
    expect(chartValues.safeParse({ ...values, ...change }).success).toBe(false);
  });
});
