import { readMarkerId } from '@rookery/read-models';
import { type QueryContext, viewerOf } from '../context.ts';
import type { ReadMarkerModel } from '../models.ts';
import { type MarkedList, markedLists, toReadMarker } from '../reads/read-markers.ts';
import { liveStream } from './stream.ts';

const lists = Object.keys(markedLists) as MarkedList[];

/** Returns what an earlier stream has told: the position of each list. */
const toldBefore = (checkpoint: string | undefined): Map<MarkedList, number> => {
  const positions = checkpoint?.split(',').map(Number) ?? [];
  return new Map(lists.map((list, i) => [list, positions[i] || 0]));
};

/**
 * Streams the viewer's read markers: first those that are set, then each that rises, on whichever device.
 * @throws RookeryError UNAUTHENTICATED
 */
export const liveReadMarkers = async (context: QueryContext) => {
  const viewer = viewerOf(context);
  const told = toldBefore(context.checkpoint);
  const checkpoint = () => lists.map((list) => told.get(list)).join(',');

  return liveStream<'readMarkers', ReadMarkerModel>(context, {
    field: 'readMarkers',
    checkpoint: checkpoint(),
    look: async (wakes, signal) => {
      wakes.watch([`viewer:${viewer}`]);
      while (!signal.aborted) {
        context.renew();
        const markers = await context.loaders.readMarkers.loadMany(
          lists.map((list) => readMarkerId(viewer, list)),
        );
        for (const marker of markers) {
          if (marker instanceof Error) throw marker;
          if (!marker || marker.upTo <= (told.get(marker.list) ?? 0)) continue;
          told.set(marker.list, marker.upTo);
          return { value: toReadMarker(context, marker), checkpoint: checkpoint() };
        }
        await wakes.wait(signal);
      }
      return undefined;
    },
  });
};
