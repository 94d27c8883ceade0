import type { ServerResponse } from 'node:http';
import type { Logger } from '@rookery/runtime';
import { type ClientName, clientNameFrom } from '../http/client-name.ts';
import type { GraphqlCall } from '../http/graphql-call.ts';
import type { OperationRecord } from '../pipeline/operation.ts';
import type { UsageCollector } from '../registry/usage-collector.ts';
import { BoundedLabels } from './bounded-labels.ts';
import type { GatewayMetrics } from './metrics.ts';

export interface Access {
  readonly transport: 'http' | 'websocket';
  readonly requestId: string;
  /** HTTP status; undefined over WebSocket. */
  readonly status?: number;
  /** In milliseconds. */
  readonly duration: number;
  readonly viewer: string | null;
  /** Name and version that the client sends. */
  readonly client?: ClientName | undefined;
  /** Undefined if the request contained no operation. */
  readonly record: OperationRecord | undefined;
}

/** One line and one count for each operation: what it was and how it went, never its variables or a token. */
export class AccessLog {
  readonly #log: Logger;
  readonly #metrics: GatewayMetrics;
  readonly #operations = new BoundedLabels();
  readonly #clients = new BoundedLabels();
  readonly #usage: UsageCollector | undefined;

  /** @param usage also counts each operation; undefined: nothing is reported */
  constructor(log: Logger, metrics: GatewayMetrics, usage?: UsageCollector) {
    this.#usage = usage;
    // Every field of its lines is named here, so none is looked through for secrets.
    this.#log = log.child({ subsystem: 'access' }, { redact: [] });
    this.#metrics = metrics;
  }

  write({ transport, requestId, status, duration, viewer, client, record }: Access): void {
    if (record?.used) this.#usage?.count(record.used, client, duration, record.codes.length > 0);
    const type = record?.type ?? 'unknown';
    const [code] = record?.codes ?? [];
    this.#metrics.requests.inc({ transport, type, code: code ?? codeFor(status) });
    this.#metrics.clientOperations.inc({ client: this.#clients.label(client?.name) });
    for (const each of record?.codes ?? []) this.#metrics.errors.inc({ code: each });
    if (type !== 'subscription') {
      const seconds = duration / 1000;
      const traceparent = record?.traceparent;
      const operation = this.#operations.label(record?.name);
      this.#metrics.requestSeconds.observeTraced({ transport, type }, seconds, traceparent);
      this.#metrics.operationSeconds.observeTraced({ operation }, seconds, traceparent);
    }
    this.#log.info(
      {
        transport,
        requestId,
        status,
        durationMs: Math.round(duration * 10) / 10,
        viewer: viewer ?? undefined,
        client: client?.name,
        clientVersion: client?.version,
        operation: record?.name,
        type,
        hash: record?.hash,
        cost: record?.cost,
        codes: record?.codes.length ? record.codes : undefined,
      },
      'operation',
    );
  }
}

/** Without an operation, the status determines the code. */
const codeFor = (status: number | undefined): string =>
  status === undefined || status < 400 ? 'OK' : `HTTP_${status}`;

/** Status of a request whose client left before it was answered, as nginx logs it. */
const clientClosedRequest = 499;

/**
 * Writes the operations of one HTTP request. Called once its response is closed; waits for operations whose client left.
 * @param duration in milliseconds
 */
export const logHttpAccess = async (
  { requestId, operations, headers }: GraphqlCall,
  response: ServerResponse,
  duration: number,
  accessLog: AccessLog,
): Promise<void> => {
  const status = response.headersSent ? response.statusCode : clientClosedRequest;
  const about = { transport: 'http', requestId, status, duration } as const;
  const client = clientNameFrom(headers);
  if (operations.length === 0) accessLog.write({ ...about, client, viewer: null, record: undefined });
  for (const { viewer, outcome } of operations)
    accessLog.write({ ...about, client, viewer, record: (await outcome).record });
};
