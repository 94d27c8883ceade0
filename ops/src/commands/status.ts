import { defineCommand } from '../command.ts';
import type { OpsConfig } from '../environment.ts';
import { readFallbacks } from '../fallbacks.ts';
import { type Reached, reach } from '../reach.ts';
import { table } from '../table.ts';

/** Where each process answers for its health. */
const processes = (config: OpsConfig): [name: string, origin: string][] => {
  const host = ['0.0.0.0', '::'].includes(config.HOST) ? '127.0.0.1' : config.HOST;
  const at = (port: number) => `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return [
    ['gateway', at(config.GATEWAY_PORT)],
    ['mutation', config.MUTATION_URL],
    ['query', config.QUERY_URL],
    ['recorder', at(config.RECORDER_PORT)],
    ['projector', at(config.PROJECTOR_PORT)],
  ];
};

interface Health {
  readonly parts?: Readonly<Record<string, string>>;
}

/** @throws with the parts that are not ready, or why there is no answer */
const askReady = async (origin: string): Promise<void> => {
  const response = await fetch(new URL('/health/ready', origin), {
    signal: AbortSignal.timeout(2_000),
  }).catch((error: Error) => {
    throw new Error(error.cause instanceof Error ? error.cause.message : error.message);
  });
  if (response.ok) return;
  const { parts = {} } = (await response.json().catch(() => ({}))) as Health;
  const missing = Object.entries(parts).flatMap(([part, state]) => (state === 'ok' ? [] : [part]));
  throw new Error(missing.length > 0 ? `waits for ${missing.join(', ')}` : `answers ${response.status}`);
};

export const status = defineCommand({
  about: 'Whether every process is ready and every server answers',
  options: {},
  help: [],

  async run(_values, { config, stores }) {
    const asks: [kind: string, name: string, ask: () => Promise<unknown>][] = [
      ['server', 'postgres', () => stores.eventStore.ping()],
      ['server', 'nats', () => stores.queue.ping()],
      ['server', 'documents', () => stores.documents.ping()],
      ['server', 'redis', () => stores.feeds.ping()],
      ...processes(config).map(([name, origin]): [string, string, () => Promise<unknown>] => [
        'process',
        name,
        () => askReady(origin),
      ]),
    ];
    const found = await Promise.all(
      asks.map(async ([kind, name, ask]) => ({ kind, name, ...(await reach(ask)) })),
    );
    const fallbacks = await readFallbacks(config, stores);
    const ok = found.every((one: Reached) => one.ok) && fallbacks.every(({ well }) => well);
    return {
      ok,
      json: { ok, parts: found, fallbacks },
      text: [
        table(
          ['', 'name', 'state', 'ms', ''],
          found.map(({ kind, name, ok: well, ms, reason }) => [
            kind,
            name,
            well ? 'ready' : 'DOWN',
            ms,
            reason ?? '',
          ]),
        ),
        '',
        table(
          ['fallback', 'state', ''],
          fallbacks.map(({ name, state, about }) => [name, state, about]),
        ),
      ].join('\n'),
    };
  },
});
