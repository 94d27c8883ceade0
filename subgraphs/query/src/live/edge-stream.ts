import type { QueryContext } from '../context.ts';
import type { CursorKind } from '../cursor.ts';
import type { LiveField } from '../metrics.ts';
import type { EdgeModel } from '../models.ts';
import type { Row } from '../page.ts';
import type { Progress } from '../progress.ts';
import { isOutdated, type LiveStream, liveStream, type Wakes } from './stream.ts';

/** Nodes of a list that were read in one go. */
export interface Batch<Node> {
  /** Those that are not delivered yet. */
  readonly rows: Row<Node>[];
  /** Everything up to here has been looked at. */
  readonly scanned: number;
  /** More may lie right behind it. */
  readonly full: boolean;
  /** Set if something is there that the projections have not all reached. */
  readonly behind: Progress | undefined;
  readonly readAt: number;
}

interface EdgeStreamOptions<F extends LiveField, Node, Found extends Batch<Node>> {
  readonly field: F;
  readonly viewer: string;
  readonly cursorKind: CursorKind;
  /** Position after which the stream starts. */
  readonly from: number;
  /** Returns the next nodes after a position, oldest first. */
  readonly read: (from: number) => Promise<Found>;
  /** Watches what tells of more nodes. */
  readonly watch: (wakes: Wakes, found: Found) => void;
  /** Returns the ISO 8601 instant at which an item was accepted. Absent: the nodes are no items. */
  readonly acceptedAt?: (node: Node) => string;
}

/**
 * Creates the live stream of the edges of a viewer's own list: first those after a position, then new ones, in order. Its only
 * state is the position of the last delivery; prefetched nodes are dropped if the consumer is slow, so that the rules are
 * always checked close to the delivery.
 */
export const edgeStream = <F extends LiveField, Node, Found extends Batch<Node>>(
  context: QueryContext,
  { field, viewer, cursorKind, from, read, watch, acceptedAt }: EdgeStreamOptions<F, Node, Found>,
): LiveStream<F, EdgeModel<Node>> => {
  const cursorAt = (position: number): string => context.sources.cursors.write(cursorKind, viewer, position);
  let last = from;
  let batch: Found | undefined;

  return liveStream<F, EdgeModel<Node>>(context, {
    field,
    checkpoint: cursorAt(last),
    look: async (wakes, signal) => {
      while (!signal.aborted) {
        if (batch && isOutdated(batch)) batch = undefined;
        if (!batch) {
          const start = last;
          context.renew();
          const found = await context.onOneReplica(() => read(start));
          watch(wakes, found);
          batch = found;
        }
        const row = batch.rows.shift();
        if (row) {
          const { position, node } = row;
          last = position;
          return { value: { cursor: cursorAt(position), node }, position, acceptedAt: acceptedAt?.(node) };
        }
        const { full, behind } = batch;
        last = batch.scanned;
        batch = undefined;
        if (!full) await wakes.wait(signal, behind);
      }
      return undefined;
    },
    drop: () => {
      batch = undefined;
    },
  });
};
