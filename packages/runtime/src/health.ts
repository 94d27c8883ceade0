import type { Logger } from './log.ts';
import { createReadiness, type Readiness } from './readiness.ts';
import { type ListenAddress, serveDocuments } from './serve-documents.ts';

export interface HealthOptions {
  readonly log: Logger;
  readonly ready: Readiness;
}

interface HealthAnswer {
  readonly status: number;
  readonly body: object;
}

/** Maximum wait for running probes when the server closes. */
const drainMs = 2_000;

/**
 * Endpoints that tell the health of a process: `/health/live` (200: it runs) and `/health/ready` (200 if this process
 * can do its own job, else 503; with the state of each part).
 */
export const createHealth = ({ log, ready }: HealthOptions) => {
  const readiness = createReadiness(ready);
  return {
    '/health/live': async (): Promise<HealthAnswer> => ({ status: 200, body: { status: 'ok' } }),
    '/health/ready': async (): Promise<HealthAnswer> => {
      const { ready: isReady, parts, reasons } = await readiness();
      // Reasons are only logged: they may contain addresses, and the endpoint is public.
      if (!isReady) log.debug({ parts, reasons }, 'not ready');
      return { status: isReady ? 200 : 503, body: { status: isReady ? 'ready' : 'not ready', parts } };
    },
  } as const;
};

/**
 * Serves the health of a process that has no other HTTP endpoints.
 * @param resources receives the server
 * @returns its address, as http://host:port
 */
export const serveHealth = (
  options: HealthOptions,
  address: ListenAddress,
  resources: AsyncDisposableStack,
): Promise<string> => {
  const documents = Object.entries(createHealth(options)).map(([path, answer]) => [
    path,
    async () => {
      const { status, body } = await answer();
      return { status, type: 'application/json; charset=utf-8', body: JSON.stringify(body) };
    },
  ]);
  return serveDocuments(Object.fromEntries(documents), address, resources, drainMs);
};
