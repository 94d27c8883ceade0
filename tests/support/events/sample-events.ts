import { newId } from '@rookery/runtime';
import type { Envelope, StoredEvent } from '@rookery/schema/events';

/** A well-formed event, with whatever the test wants different. */
export const sampleEvent = (changes: Partial<Envelope> = {}): Envelope => ({
  specversion: '1.0',
  id: newId(),
  source: 'rookery/tests',
  type: 'rookery.post.published.v1',
  subject: newId(),
  time: new Date().toISOString(),
  datacontenttype: 'application/json',
  actor: newId(),
  data: { body: 'hello' },
  ...changes,
});

/** So many, as the event store gives them from this position on. */
export const storedEvents = (from: number, count: number): StoredEvent[] =>
  Array.from({ length: count }, (_, i) => ({
    position: from + i,
    recordedAt: '2026-01-02T03:04:05.678Z',
    event: sampleEvent(),
  }));
