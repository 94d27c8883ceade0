import { type FaultProxy, startFaultProxy } from '../servers/fault-proxy.ts';
import type { System } from './start-system.ts';

/**
 * Starts the projector of a system again, on a link that delays all events. A read that does not wait for the write before it
 * then comes too early every time, and not only on a busy machine. The projector is of no use after the link is disposed of.
 */
export const delayProjector = async (
  { restart, env }: Pick<System, 'restart' | 'env'>,
  ms: number,
): Promise<FaultProxy> => {
  const url = env.NATS_URL ?? '';
  const { hostname, port } = new URL(url);
  const link = await startFaultProxy({ host: hostname, port: Number(port) });
  await restart('projector', { NATS_URL: link.through(url) });
  link.set({ kind: 'delay', ms });
  return link;
};
