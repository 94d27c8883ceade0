import { readQueue } from '../../support/servers/read-queue.ts';
import type { Arena } from '../arena.ts';
import { differences } from './compare.ts';
import { type DocumentSet, readDocuments, readStore, type StoreState, withDocuments } from './observe.ts';

/**
 * In what the second servers are not what the first ones are, once both are there and at rest: the backup event store
 * row by row, the second queue by what it still holds, the standby's documents one by one.
 */
export const secondsDiffer = async (
  { seconds }: Pick<Arena, 'seconds'>,
  first: StoreState,
  live: () => Promise<DocumentSet>,
): Promise<string[]> => {
  const { store2, queue2, documents2 } = seconds;
  const found: string[] = [];
  if (store2) {
    const { rows } = await readStore(store2.server.url);
    const at = first.rows.findIndex((row, i) => row !== rows[i]);
    if (at >= 0)
      found.push(`the backup store differs at position ${at + 1}: ${rows[at]}, not ${first.rows[at]}`);
    else if (rows.length > first.rows.length)
      found.push(`the backup store goes on to ${rows.length}, the first to ${first.rows.length}`);
  }
  if (queue2) {
    const stored = new Set(first.events.map(({ id }) => id));
    const left = (await readQueue(queue2.server.url)).activity.filter((id) => !stored.has(id));
    if (left.length > 0)
      found.push(`the second queue still holds ${left.length} events: ${left.slice(0, 5)}`);
  }
  if (documents2) {
    const standby = await withDocuments(documents2.server.url, readDocuments);
    found.push(
      ...differences(standby, await live()).map((what) => `standby (as live) against primary: ${what}`),
    );
  }
  return found;
};
