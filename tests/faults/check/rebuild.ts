import { openEventStore } from '@rookery/event-store';
import { createApply } from '@rookery/projector';
import { projections } from '@rookery/read-models/reducers';
import { MalformedEventError, type RecordedEvent, readEvent } from '@rookery/schema/events';
import { type DocumentSet, quietLog, readDocuments, withDocuments } from './observe.ts';

/**
 * Returns the expected documents: the whole event store applied to empty documents by the code of the
 * projector. Unreadable events are skipped, as they become dead letters when they are delivered live.
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
              if (error instanceof MalformedEventError) return [];
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
