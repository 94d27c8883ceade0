import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { provideServers, type System, startSharedServers, startSystem } from '@rookery/tests/support';
import { feedPage } from './feed-page.ts';
import { live } from './live.ts';
import { mutation } from './mutation.ts';
import { order } from './order.ts';
import { recorder } from './recorder.ts';
import { type Result, toText } from './result.ts';

const benches: Readonly<Record<string, (system: System, say: (line: string) => void) => Promise<Result>>> = {
  mutation,
  order,
  'feed-page': feedPage,
  live,
  recorder,
};

const usage = `npm run bench -- [--only ${Object.keys(benches).join('|')}] [--json]

Measures Rookery on real servers of its own, each figure against its ceiling or floor in the same run.
  --only NAME  one of them (may be repeated)
  --json       one JSON object on standard output
Exit codes: 0 measured, 1 failed, 2 wrong arguments.`;

const options = {
  only: { type: 'string', multiple: true },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

const say = (line: string): void => console.error(`  … ${line}`);

const machine = (): Readonly<Record<string, string>> => ({
  cpu: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
  memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
  node: process.version,
  commit: execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim(),
});

const main = async (): Promise<number> => {
  let chosen: string[];
  let json = false;
  try {
    const { values } = parseArgs({ options });
    if (values.help) {
      console.log(usage);
      return 0;
    }
    chosen = values.only ?? Object.keys(benches);
    json = values.json ?? false;
    const unknown = chosen.find((name) => !Object.hasOwn(benches, name));
    if (unknown !== undefined) throw new Error(`unknown benchmark: ${unknown}`);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    return 2;
  }
  const { servers, stop } = await startSharedServers(say);
  try {
    provideServers(servers);
    const versions = {
      postgres: 'the one of npm test',
      nats: servers.nats.version.join('.'),
      redis: servers.redis.version.join('.'),
    };
    const results: Result[] = [];
    for (const name of chosen) {
      console.error(`${name}:`);
      await using system = await startSystem({ env: { LOG_LEVEL: 'warn' } });
      const result = await benches[name]?.(system, say);
      if (result) results.push(result);
    }
    const about = { ...machine(), ...versions };
    if (json) console.log(JSON.stringify({ about, results }));
    else console.log([JSON.stringify(about), ...results.map(toText)].join('\n\n'));
    return 0;
  } finally {
    await stop();
  }
};

process.exitCode = await main();
