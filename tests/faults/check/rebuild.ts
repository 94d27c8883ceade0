import { createApply } from '@rookery/projector';
import { projections } from '@rookery/projector/projections';
import { MalformedEvent, type RecordedEvent, readEvent } from '@rookery/schema/events';
import { openEventStore } from '@rookery/stores/event-store';
import { type DocumentSet, quietLog, readDocuments, withDocuments } from './observe.ts';

/**
 * What the documents must be: the whole event store applied to an empty set of documents beside the live one, by the
 * projector's own code. What can't be read is left out, as it is parked when it happens live.
 */
export const rebuild = async (storeUrl: string, documentsUrl: string): Promise<DocumentSet> => {
  const store = openEventStore(storeUrl, { log: quietLog });
  try {
    return await withDocuments(
      documentsUrl,
      async (documents) => {
        await documents.prepare();
        const applies = projections.map((projection) => createApply(projection, { documents }));
        for (let after = 0; ; ) {
          const page = await store.read(after, 500);
          const last = page.at(-1);
          if (!last) break;
          after = last.position;
          const events = page.flatMap(({ position, recordedAt, event }): RecordedEvent[] => {
            try {
              return [{ position, recordedAt, event: readEvent(event) }];
            } catch (error) {
              if (error instanceof MalformedEvent) return [];
              throw error;
            }
          });
          for (const apply of applies) await apply(events);
        }
        return readDocuments(documents);
      },
      `rebuilt_${Date.now().toString(36)}`,
    );
  } finally {
    await store.close();
  }
};
