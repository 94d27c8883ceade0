import type { Heads } from '@rookery/audit';
import type { AuditLog } from '@rookery/event-store';
import type { Logger } from '@rookery/runtime';

/** Interval at which a head that has moved is published. */
const intervalMs = 10_000;

export interface PublishHeadsOptions {
  readonly auditLog: Pick<AuditLog, 'head'>;
  readonly heads: Heads;
  readonly log: Logger;
  /** Only the writer publishes. */
  readonly isWriter: () => boolean;
}

/**
 * Publishes the head of the hash chain to a separate location, so that an audit detects a store that was rewritten as a
 * whole. A head that cannot be published is covered by the next one, since each head commits to all events before it.
 */
export const publishHeads = ({ auditLog, heads, log, isWriter }: PublishHeadsOptions): AsyncDisposable => {
  let told = 0;
  let telling: Promise<void> = Promise.resolve();
  const tell = async (): Promise<void> => {
    if (!isWriter()) return;
    try {
      const head = await auditLog.head();
      if (!head || head.position <= told) return;
      await heads.publish({
        position: head.position,
        hash: head.hash.toString('hex'),
        at: new Date().toISOString(),
      });
      told = head.position;
    } catch (error) {
      log.warn({ error }, 'failed to publish the head of the event store; trying again at the next interval');
    }
  };
  const timer = setInterval(() => {
    telling = telling.then(tell);
  }, intervalMs);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await telling.then(tell);
    },
  };
};
