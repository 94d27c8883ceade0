import { gatewaySettings } from '@rookery/gateway';
import { recordedStream } from '@rookery/message-queue';
import { mutationSettings } from '@rookery/mutation';
import { opsSettings } from '@rookery/ops';
import { projectorSettings } from '@rookery/projector';
import { querySettings } from '@rookery/query';
import { projectionNames } from '@rookery/read-models/reducers';
import { recorderSettings } from '@rookery/recorder';
import { registrySettings } from '@rookery/registry';
import { type SettingName, settings, telemetryVariables } from '@rookery/runtime';
import { nodeFlags, type ProgramName, programs } from '@rookery/stack';

/** Settings that no values set, and why. */
export const unusedSettings: Readonly<Partial<Record<SettingName, string>>> = {
  BUILD_REVISION: 'in the image',
  CRASH_POINT: 'of tests; refused in production',
  DATA_DIR: 'of npm start',
  START_REGISTRY: 'of npm start',
};

/** Settings that the chart derives from its other values, so that no values set them. */
export const derivedSettings: readonly SettingName[] = [
  'NODE_ENV',
  'HOST',
  'METRICS_HOST',
  'SHUTDOWN_TIMEOUT',
  'MUTATION_URL',
  'QUERY_URL',
  'RECORDER_URL',
  'PROJECTOR_URL',
  'GATEWAY_URL',
  'GATEWAY_KEYS_URL',
  'INTERNAL_KEY_FILE',
  'TOKEN_KEY_FILE',
  'CURSOR_SECRET',
  'REGISTRY_KEY_FILE',
  'REGISTRY_NATS_URL',
  'REGISTRY_URL',
  'SUPERGRAPH_KEYS_FILE',
  'SUPERGRAPH_LAST_GOOD',
  'TLS_CERT_FILE',
  'TLS_KEY_FILE',
  ...Object.values(programs).flatMap(({ portName, metricsPortName }) => [portName, metricsPortName]),
];

/** Settings that hold the address of a store, and the name of that store in the chart's values. */
export const storeSettings = {
  POSTGRES_URL: 'postgres',
  NATS_URL: 'nats',
  REDIS_URL: 'redis',
  DOCUMENTS_URL: 'documents',
  NATS_REDUNDANT_URL: 'natsRedundant',
  EVENT_STORE_BACKUP_URL: 'eventStoreBackup',
  DOCUMENTS_READ_URL: 'documentsRead',
  DOCUMENTS_STANDBY_URL: 'documentsStandby',
  REDIS_STANDBY_URL: 'redisStandby',
  REGISTRY_POSTGRES_URL: 'registryPostgres',
  PUSH_DATABASE_URL: 'pushDatabase',
} as const satisfies Partial<Record<SettingName, string>>;

/** Settings that name a file with keys, and the Secret of the chart's values that holds it. */
const keySettings = {
  INTERNAL_KEY_FILE: { secret: 'gateway', file: 'internal-key.pem' },
  TOKEN_KEY_FILE: { secret: 'token', file: 'token-key.pem' },
  CURSOR_SECRET: { secret: 'cursor', file: 'cursor-secrets' },
  REGISTRY_KEY_FILE: { secret: 'registry', file: 'registry-key.pem' },
} as const satisfies Partial<Record<SettingName, unknown>>;

/** Settings that every process reads. */
const commonSettings = [
  'NODE_ENV',
  'LOG_LEVEL',
  'SHUTDOWN_TIMEOUT',
] as const satisfies readonly SettingName[];

/** Variables of OpenTelemetry that contain credentials. */
const secretTelemetry = new Set<string>(['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS']);

/** Returns whether the value of a variable belongs in a Secret. The cursor secret comes from a file. */
export const isSecret = (name: string): boolean =>
  secretTelemetry.has(name) ||
  (!(name in keySettings) &&
    settings[name as SettingName] !== undefined &&
    'isSecret' in settings[name as SettingName]);

const read: Readonly<Record<ProgramName, readonly SettingName[]>> = {
  gateway: gatewaySettings,
  mutation: mutationSettings,
  query: querySettings,
  recorder: recorderSettings,
  projector: projectorSettings,
  registry: registrySettings,
};

/** Processes that send requests to a process, and to its metrics address. */
const callers: Readonly<
  Record<ProgramName, { readonly http: readonly ProgramName[]; readonly metrics: readonly ProgramName[] }>
> = {
  // Subgraphs fetch the keys that verify the gateway's requests from its metrics address.
  gateway: { http: [], metrics: ['mutation', 'query'] },
  mutation: { http: ['gateway'], metrics: [] },
  query: { http: ['gateway'], metrics: [] },
  recorder: { http: [], metrics: [] },
  projector: { http: [], metrics: [] },
  registry: { http: ['gateway'], metrics: [] },
};

/** Order of an upgrade (docs/how-to/upgrade.md): readers come before writers. */
const upgradeOrder: readonly ProgramName[] = [
  'projector',
  'query',
  'recorder',
  'mutation',
  'gateway',
  'registry',
];

/** The part of the environment that a process reads, with its keys and stores. */
export interface Inputs {
  readonly settings: readonly string[];
  readonly secretSettings: readonly string[];
  readonly keys: readonly { readonly secret: string; readonly file: string }[];
  readonly stores: readonly string[];
}

const inputsOf = (names: readonly SettingName[]): Inputs => {
  const all = [...new Set<string>([...commonSettings, ...names, ...telemetryVariables])].filter(
    (name) => !(name in unusedSettings),
  );
  const pick = <T>(table: Readonly<Record<string, T>>): T[] =>
    all.flatMap((name) => (Object.hasOwn(table, name) ? [table[name] as T] : []));
  return {
    settings: all.filter((name) => !isSecret(name)).sort(),
    secretSettings: all.filter(isSecret).sort(),
    keys: pick(keySettings),
    stores: [...new Set(pick<string>(storeSettings))],
  };
};

/** Everything that the chart's templates know about the code. */
export const chartFacts = () => ({
  processes: Object.fromEntries(
    (Object.keys(programs) as ProgramName[]).map((name) => {
      const { entry, portName, port, metricsPortName, metricsPort } = programs[name];
      return [
        name,
        {
          args: [...nodeFlags(name), entry],
          port,
          portSetting: portName,
          metricsPort,
          metricsPortSetting: metricsPortName,
          upgradeStep: upgradeOrder.indexOf(name) + 1,
          callers: callers[name].http,
          metricsCallers: callers[name].metrics,
          ...inputsOf(read[name]),
        },
      ];
    }),
  ),
  ops: inputsOf(opsSettings),
  stores: storeSettings,
  projections: projectionNames.map((consumer) => ({ stream: recordedStream, consumer })),
});
