import type { Envelope } from '@rookery/schema/events';
import { newId } from '@rookery/service';

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
