import { readFileSync } from 'node:fs';
import { Gauge, type Registry } from 'prom-client';
import { z } from 'zod';

const manifest = z.object({ version: z.string() });

/** Version of this build: all processes are released together, with the version of the root package. */
const buildVersion: string = manifest.parse(
  JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')),
).version;

/** Registers a metric that is always 1 and whose labels say which build runs. */
export const registerBuildInfo = (
  registry: Registry,
  env: Readonly<Record<string, string | undefined>> = process.env,
): void => {
  new Gauge({
    name: 'rookery_build_info',
    help: 'Always 1; its labels name the build: version, commit, and version of Node',
    labelNames: ['version', 'revision', 'node'],
    registers: [registry],
  }).set(
    { version: buildVersion, revision: env.BUILD_REVISION || 'unknown', node: process.versions.node },
    1,
  );
};
