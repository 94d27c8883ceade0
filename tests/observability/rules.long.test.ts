import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cloneDir, findPrometheus } from '@rookery/stack';
import { expect, test } from 'vitest';

const dir = join(cloneDir, 'deploy/observability/prometheus');
const tests = readdirSync(join(dir, 'tests'));

/** Runs promtool, which the first call downloads with Prometheus. @throws Error with its output if it finds a problem */
const promtool = async (...args: string[]): Promise<string> => {
  const { promtool: path, env } = await findPrometheus(console.log);
  const { stdout } = await promisify(execFile)(path, args, { cwd: dir, env: { ...process.env, ...env } });
  return stdout;
};

test('promtool accepts the rules and the configuration of Prometheus', async () => {
  expect(await promtool('check', 'rules', 'rules/rookery.yaml')).toMatch(/SUCCESS: \d+ rules found/);
  expect(await promtool('check', 'config', 'prometheus.yaml')).toContain('is valid prometheus config file');
});

test.each(tests)('every alert of %s is quiet, fires and clears', { timeout: 600_000 }, async (file) => {
  expect(await promtool('test', 'rules', join('tests', file))).toContain('SUCCESS');
});
