import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildPackage, createOutsideFolder, shopConfig, shopSdl } from './outside-folder.ts';

test('npm installs the packed package in an empty folder, and it composes, checks and writes a subgraph there', () => {
  using packing = createOutsideFolder();
  using outside = createOutsideFolder();
  const built = join(packing.dir, 'package');
  mkdirSync(built);
  buildPackage(built);
  const packed = packing.run('npm', 'pack', built, '--ignore-scripts', '--offline');
  expect(packed.status, packed.stderr).toBe(0);
  const [tarball = ''] = readdirSync(packing.dir).filter((name) => name.endsWith('.tgz'));
  expect(tarball).toMatch(/^rookery-schema-\d+\.\d+\.\d+\.tgz$/);

  const installed = outside.run('npm', 'install', '--no-audit', '--no-fund', join(packing.dir, tarball));
  expect(installed.status, installed.stderr).toBe(0);
  const run = (...args: string[]) => outside.run('npx', '--no-install', 'rookery-schema', ...args);
  outside.write('rookery-schema.json', shopConfig);
  outside.write('shop.graphql', shopSdl);
  outside.write('.gitignore', 'node_modules\n');
  outside.commit();
  expect(run('compose', '--out', 'supergraph.graphql')).toMatchObject({ status: 0, stderr: '' });
  expect(readFileSync(join(outside.dir, 'supergraph.graphql'), 'utf8')).toContain('price(of: ID!): Int');
  expect(run('check', '--base', 'HEAD')).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/passed\n$/),
  });
  outside.write('shop.graphql', shopSdl.replace('price(of: ID!)', 'price(of: ID!, in: String!)'));
  const broken = run('check', '--base', 'HEAD', '--json');
  expect(JSON.parse(broken.stdout)).toMatchObject({
    outcome: 'change-refused',
    changes: [{ criticality: 'breaking', position: { file: 'shop.graphql', line: 3 } }],
  });
  expect(broken.status).toBe(1);

  // A team's first subgraph needs nothing else of Rookery.
  const written = run('new-subgraph', 'notes', '--json');
  expect(written.status, written.stderr).toBe(0);
  const { folder } = JSON.parse(written.stdout);
  const inFolder = (...args: string[]) => outside.run('npm', '--prefix', folder, ...args);
  for (const step of [['install', '--no-audit', '--no-fund'], ['run', 'check'], ['test']]) {
    const { status, stdout, stderr } = inFolder(...step);
    expect(status, `${step}: ${stdout}${stderr}`).toBe(0);
  }
});
