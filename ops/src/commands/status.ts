import { openAuditLog } from '@rookery/event-store';
import { type Flow, progressIn, type Queue, readFlow, type StreamUsage } from '@rookery/message-queue';
import type { CheckpointDoc } from '@rookery/read-models';
import { projectionNames } from '@rookery/read-models/reducers';
import { createLog, readSamples } from '@rookery/runtime';
import { defineCommand } from '../command.ts';
import type { OpsConfig } from '../environment.ts';
import { readFallbacks } from '../fallbacks.ts';
import { metricsAt } from '../metric.ts';
import { type Reached, reach } from '../reach.ts';
import type { Fallback } from '../standbys.ts';
import type { Stores } from '../stores.ts';
import { table } from '../table.ts';
import { judge, type LastAudit, type Verdict, verdictText } from '../verdict.ts';

/** Returns the origin of the health endpoint of each process: its setting, or its port on HOST. */
const processes = (config: OpsConfig): [name: string, origin: string][] => {
  const host = ['0.0.0.0', '::'].includes(config.HOST) ? '127.0.0.1' : config.HOST;
  const at = (port: number) => `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return [
    ['gateway', config.GATEWAY_URL ?? at(config.GATEWAY_PORT)],
    ['mutation', config.MUTATION_URL],
    ['query', config.QUERY_URL],
    ['recorder', config.RECORDER_URL ?? at(config.RECORDER_PORT)],
    ['projector', config.PROJECTOR_URL ?? at(config.PROJECTOR_PORT)],
  ];
};

interface Health {
  readonly parts?: Readonly<Record<string, string>>;
}

/**
 * Returns what a process that is ready does without, as a note.
 * @throws Error that names the parts that are not ready, or says why there is no answer
 */
const askReady = async (origin: string): Promise<string> => {
  const response = await fetch(new URL('/health/ready', origin), {
    signal: AbortSignal.timeout(2_000),
  }).catch((error: Error) => {
    throw new Error(error.cause instanceof Error ? error.cause.message : error.message);
  });
  const { parts = {} } = (await response.json().catch(() => ({}))) as Health;
  const missing = Object.entries(parts).flatMap(([part, state]) => (state === 'ok' ? [] : [part]));
  if (response.ok) return missing.length > 0 ? `without ${missing.join(', ')}` : '';
  throw new Error(missing.length > 0 ? `waits for ${missing.join(', ')}` : `answers ${response.status}`);
};

/** The gateway's own view of its subgraphs; empty if it does not answer. */
const readSubgraphs = async (config: OpsConfig, gateway: string): Promise<Part[]> => {
  const origin = metricsAt(gateway, config.GATEWAY_METRICS_PORT);
  const samples = await readSamples(origin, 'rookery_gateway_subgraph_up', 2_000).catch(() => []);
  return samples.map(({ labels: { subgraph = '' }, value }) => ({
    kind: 'subgraph',
    name: subgraph,
    ok: value === 1,
    ms: 0,
    ...(value === 1 ? {} : { reason: 'does not answer the gateway' }),
  }));
};

interface Part extends Reached {
  readonly kind: string;
  readonly name: string;
}

/**
 * Measures the path of a write to a feed. An unknown value is no problem by itself: its server is down then,
 * which another row shows.
 */
const readPath = ({ queue, documents }: Stores): Promise<Flow> =>
  readFlow(queue, async () => {
    const stored = await documents.collection<CheckpointDoc>('progress').getMany(projectionNames);
    return (projection) => progressIn(stored.get(projection)?.doc);
  });

/** Share of its limit from which a stream that refuses when full is a problem: there is still time to act. */
const nearlyFull = 0.8;

interface StreamRow extends StreamUsage {
  readonly state: 'ok' | 'NEARLY FULL' | 'FULL';
}

/** Reads how full the queue's streams are; none if the queue does not answer, which is reported as such. */
const readStreams = async (queue: Queue): Promise<StreamRow[]> => {
  const usage = await queue.streams().catch(() => []);
  return usage.map((one) => {
    const share = one.refusesWhenFull ? one.bytes / one.limitBytes : 0;
    return { ...one, state: share >= 1 ? 'FULL' : share >= nearlyFull ? 'NEARLY FULL' : 'ok' };
  });
};

/** Reads the result of the last audit, from an event store that answers. */
const readAudit = async ({ POSTGRES_URL }: OpsConfig): Promise<LastAudit> => {
  const auditLog = openAuditLog(POSTGRES_URL, { log: createLog('ops', 'silent') });
  try {
    return (await auditLog.lastAudit()) ?? 'never';
  } catch {
    return 'unknown'; // a store of an earlier version has no place for it
  } finally {
    await auditLog.close();
  }
};

interface Details {
  readonly found: readonly Part[];
  readonly flow: Flow;
  readonly streams: readonly StreamRow[];
  readonly fallbacks: readonly Fallback[];
}

/** Returns the verdict, and below it the state of each part. */
const textOf = (verdict: Verdict, { found, flow, streams, fallbacks }: Details): string =>
  [
    verdictText(verdict),
    '',
    table(
      ['', 'name', 'state', 'ms', ''],
      found.map(({ kind, name, ok: well, ms, reason, note }) => [
        kind,
        name,
        well ? 'ready' : 'DOWN',
        ms,
        reason ?? note ?? '',
      ]),
    ),
    '',
    table(
      ['write path', 'state', 'behind', 'late (ms)', 'events/s', 'time left (s)'],
      flow.steps.map(({ name, state, behind, lateMs, perSecond, secondsLeft }) => [
        name,
        state === 'stopped' ? 'STOPPED' : state,
        orUnknown(behind),
        orUnknown(lateMs),
        orUnknown(perSecond),
        orUnknown(secondsLeft),
      ]),
    ),
    '',
    table(
      ['queue', 'stream', 'state', 'bytes', 'limit'],
      streams.map(({ queue, stream, state, bytes, limitBytes }) => [queue, stream, state, bytes, limitBytes]),
    ),
    '',
    table(
      ['fallback', 'state', ''],
      fallbacks.map(({ name, state, about }) => [name, state, about]),
    ),
  ].join('\n');

const orUnknown = (value: number | null): number | string => value ?? 'unknown';

export const status = defineCommand({
  about: 'Tells whether all is well, what is late, whether anything was lost, and what to do',
  options: {},
  help: [],

  async run(_values, { config, stores }) {
    const processOrigins = processes(config);
    const asks: [kind: string, name: string, ask: () => Promise<unknown>][] = [
      ['server', 'postgres', () => stores.eventStore.ping()],
      ['server', 'nats', () => stores.queue.ping()],
      ['server', 'documents', () => stores.documents.ping()],
      ['server', 'redis', () => stores.feeds.ping()],
      ...processOrigins.map(([name, origin]): [string, string, () => Promise<unknown>] => [
        'process',
        name,
        () => askReady(origin),
      ]),
    ];
    const found: Part[] = await Promise.all(
      asks.map(async ([kind, name, ask]) => ({ kind, name, ...(await reach(ask)) })),
    );
    const [, gateway = ''] = processOrigins.find(([name]) => name === 'gateway') ?? [];
    found.push(...(await readSubgraphs(config, gateway)));
    const [fallbacks, flow, streams] = await Promise.all([
      readFallbacks(config, stores),
      readPath(stores),
      readStreams(stores.queue),
    ]);
    const isStored = found.some(({ kind, name, ok }) => kind === 'server' && name === 'postgres' && ok);
    const [head, audit] = isStored
      ? await Promise.all([stores.eventStore.head().catch(() => undefined), readAudit(config)])
      : [undefined, 'unknown' as const];
    const letters = Number(fallbacks.find(({ name }) => name === 'dead letters')?.state);
    const deadLetters = Number.isNaN(letters) ? undefined : letters;
    const verdict = judge({ parts: found, fallbacks, flow, streams, head, deadLetters, audit });
    const ok = verdict.isWell && flow.flowing;
    const { late, lost, lostText, problems, toDo } = verdict;
    return {
      ok,
      json: { ok, problems, late, lost, lostText, toDo, parts: found, fallbacks, flow, streams },
      text: textOf(verdict, { found, flow, streams, fallbacks }),
    };
  },
});
