import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloneDir } from '@rookery/stack';
import { expect, it, onTestFinished } from 'vitest';
import { buildRelease } from './artifacts.ts';
import { release, sectionOf } from './changelog.ts';
import { createSbom, type Sbom } from './sbom.ts';

const changelog = '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- B.\n\n## [0.1.0] - 2026-01-01\n\n- A.\n';

it('makes a section of what is unreleased, and finds each section', () => {
  const next = release(changelog, '0.2.0', '2026-11-30');
  expect(sectionOf(next, 'Unreleased')).toBe('');
  expect(sectionOf(next, '0.2.0')).toBe('### Added\n\n- B.');
  expect(sectionOf(next, '0.1.0')).toBe('- A.');
  expect(sectionOf(next, '0.3.0')).toBeUndefined();
  expect(() => release(next, '0.2.0', '2026-11-30')).toThrow(/already/);
  expect(() => release(next, '0.3.0', '2026-11-30')).toThrow(/nothing is unreleased/);
});

it('lists what some packages of a lockfile need, and nothing else', () => {
  const digest = Buffer.from('abc').toString('base64');
  const lock = {
    importers: {
      gateway: {
        dependencies: {
          '@rookery/runtime': { version: 'link:../packages/runtime' },
          a: { version: '1.0.0(b@2.0.0)' },
        },
      },
      'packages/runtime': { dependencies: { b: { version: '2.0.0' } } },
      tests: { dependencies: { d: { version: '4.0.0' } } },
    },
    packages: { 'a@1.0.0': { resolution: { integrity: `sha512-${digest}` } } },
    snapshots: {
      'a@1.0.0(b@2.0.0)': { dependencies: { b: '2.0.0' }, optionalDependencies: { '@s/c': '3.0.0' } },
      'b@2.0.0': {},
      '@s/c@3.0.0': { dependencies: { a: '1.0.0(b@2.0.0)' } },
      'd@4.0.0': {},
    },
  };
  const options = {
    name: 'rookery',
    version: '0.2.0',
    timestamp: '2026-11-30T00:00:00Z',
    importers: ['gateway'],
  };
  const sbom = createSbom(lock, { ...options, licenseOf: (name) => (name === 'b' ? 'MIT' : undefined) });
  expect(sbom.components.map(({ purl }) => purl)).toEqual([
    'pkg:npm/%40s/c@3.0.0',
    'pkg:npm/a@1.0.0',
    'pkg:npm/b@2.0.0',
    'pkg:npm/%40rookery/gateway@0.2.0',
    'pkg:npm/%40rookery/packages-runtime@0.2.0',
  ]);
  expect(sbom.components.find(({ name }) => name === 'a')?.hashes).toEqual([
    { alg: 'SHA-512', content: '616263' },
  ]);
  expect(sbom.components.find(({ name }) => name === 'b')?.licenses).toEqual([{ expression: 'MIT' }]);
  expect(sbom.dependencies.find(({ ref }) => ref === 'pkg:npm/a@1.0.0')?.dependsOn).toEqual([
    'pkg:npm/%40s/c@3.0.0',
    'pkg:npm/b@2.0.0',
  ]);
});

it('builds the files of a release, the same ones again from the same commit', { timeout: 120_000 }, () => {
  const build = () => {
    const dir = mkdtempSync(join(tmpdir(), 'rookery-release-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    return { dir, files: buildRelease({ version: '0.1.0', dir }) };
  };
  const { dir, files } = build();
  const sums = readFileSync(join(dir, 'SHA256SUMS'), 'utf8').trim().split('\n');
  expect(sums).toHaveLength(files.length - 1);
  for (const line of sums) {
    const [digest, name = ''] = line.split('  ');
    expect(
      createHash('sha256')
        .update(readFileSync(join(dir, name)))
        .digest('hex'),
      name,
    ).toBe(digest);
  }
  expect(readFileSync(join(build().dir, 'SHA256SUMS'), 'utf8')).toBe(
    readFileSync(join(dir, 'SHA256SUMS'), 'utf8'),
  );

  const listed = (name: string) =>
    execFileSync('tar', ['-tzf', join(dir, name)], { encoding: 'utf8' }).split('\n');
  const context = listed('rookery-image-0.1.0.tar.gz');
  const copied = readFileSync(join(cloneDir, 'deploy/Dockerfile'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('COPY ') && !line.includes('--from'))
    .flatMap((line) => line.split(' ').slice(1, -1));
  for (const path of [...copied, 'deploy/Dockerfile', '.dockerignore'])
    expect(
      context.some(
        (entry) => entry === `rookery-image-0.1.0/${path}` || entry === `rookery-image-0.1.0/${path}/`,
      ),
      path,
    ).toBe(true);
  expect(context.filter((path) => /\.test\.ts$|\/fixtures\//.test(path))).toEqual([]);
  expect(listed('rookery-0.1.0.tgz')).toEqual(
    expect.arrayContaining(['rookery/Chart.yaml', 'rookery/values.yaml']),
  );

  expect(listed('rookery-schema-command-0.1.0.tgz')).toEqual(
    expect.arrayContaining(['package/rookery-schema.js', 'package/new-subgraph.json']),
  );

  const sbom = JSON.parse(readFileSync(join(dir, 'rookery-0.1.0.cdx.json'), 'utf8')) as Sbom;
  const found = sbom.components.map(({ name }) => name);
  expect(found).toEqual(expect.arrayContaining(['gateway', 'pg', 'mongodb', 'graphql', '@apollo/gateway']));
  for (const name of ['vitest', 'typescript', '@biomejs/biome']) expect(found).not.toContain(name);
  const refs = new Set(sbom.components.map((component) => component['bom-ref']));
  for (const { dependsOn } of sbom.dependencies) for (const ref of dependsOn) expect(refs).toContain(ref);
});
