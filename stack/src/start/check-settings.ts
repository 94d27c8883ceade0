import { existsSync } from 'node:fs';

/**
 * Checks settings that the servers of `npm start` cannot satisfy, before any of them starts.
 * @throws Error with a line for each of them
 */
export function checkStartSettings(
  { SUPERGRAPH, START_REGISTRY, QUEUE_REPLICAS, NATS_URL }: NodeJS.ProcessEnv,
  servesRegistry: boolean,
): void {
  const problems = [
    SUPERGRAPH && servesRegistry ? 'SUPERGRAPH and --registry exclude each other' : '',
    START_REGISTRY === 'off' && servesRegistry ? 'START_REGISTRY=off and --registry exclude each other' : '',
    SUPERGRAPH && !/^https?:/.test(SUPERGRAPH) && !existsSync(SUPERGRAPH)
      ? `SUPERGRAPH: there is no file ${SUPERGRAPH}`
      : '',
    Number(QUEUE_REPLICAS) > 1 && !NATS_URL
      ? `QUEUE_REPLICAS is ${QUEUE_REPLICAS}, but npm start runs a single NATS server: set NATS_URL to a cluster`
      : '',
  ].filter((problem) => problem !== '');
  if (problems.length > 0) throw new Error(problems.join('\n'));
}
