import type { Logger } from '@rookery/service';
import type { Heads, Ledger } from '@rookery/stores/event-store';

/** How often the head is told, where it has moved. Milliseconds. */
const every = 10_000;

export interface PublishHeadsOptions {
  readonly ledger: Pick<Ledger, 'head'>;
  readonly heads: Heads;
  readonly log: Logger;
  /** Only the writer tells. */
  readonly isWriter: () => boolean;
}

/**
 * Tells the head of the hash chain to a place apart, so that a store which was wholly rewritten is found out. What
 * can't be told now is told next time: a head stands for all before it.
 */
export const publishHeads = ({ ledger, heads, log, isWriter }: PublishHeadsOptions): AsyncDisposable => {
  let told = 0;
  let telling: Promise<void> = Promise.resolve();
  const tell = async (): Promise<void> => {
    if (!isWriter()) return;
    try {
      const head = await ledger.head();
      if (!head || head.position <= told) return;
      await heads.publish({
        position: head.position,
        hash: head.hash.toString('hex'),
        at: new Date().toISOString(),
      });
      told = head.position;
    } catch (error) {
      log.warn({ error }, 'the head of the event store could not be published');
    }
  };
  const timer = setInterval(() => {
    telling = telling.then(tell);
  }, every);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await telling.then(tell);
    },
  };
};
