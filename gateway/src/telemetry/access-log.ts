import type { Logger } from '@rookery/runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ClientName, clientNameFrom } from '../http/client-name.ts';
import type { OperationRecord } from '../pipeline/context.ts';
import type { GatewayMetrics } from './metrics.ts';
import { OperationLabels } from './operation-labels.ts';

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
  readonly #labels = new OperationLabels();

  constructor(log: Logger, metrics: GatewayMetrics) {
    // Every field of its lines is named here, so none is looked through for secrets.
    this.#log = log.child({ subsystem: 'access' }, { redact: [] });
    this.#metrics = metrics;
  }

  write({ transport, requestId, status, duration, viewer, client, record }: Access): void {
    const type = record?.type ?? 'unknown';
    const [code] = record?.codes ?? [];
    this.#metrics.requests.inc({ transport, type, code: code ?? codeFor(status) });
    for (const each of record?.codes ?? []) this.#metrics.errors.inc({ code: each });
    if (type !== 'subscription') {
      this.#metrics.requestSeconds.observe({ transport, type }, duration / 1000);
      this.#metrics.operationSeconds.observe(
        { operation: this.#labels.label(record?.name) },
        duration / 1000,
      );
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

/** Writes the operations of one HTTP request, once its response is closed. */
export const logHttpAccess = (
  { requestId, operations, headers }: FastifyRequest,
  { raw, elapsedTime: duration }: FastifyReply,
  accessLog: AccessLog,
): void => {
  const status = raw.headersSent ? raw.statusCode : clientClosedRequest;
  for (const operation of operations.length === 0 ? [undefined] : operations)
    accessLog.write({
      transport: 'http',
      requestId,
      status,
      duration,
      viewer: operation?.viewer ?? null,
      client: clientNameFrom(headers),
      record: operation?.record,
    });
};
