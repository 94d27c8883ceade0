import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { history, users } from '../../../../tests/support/events/recorded-events.ts';
import { tellingHistories } from '../../../../tests/support/events/telling-histories.ts';
import { model } from '../../../../tests/support/model/social.ts';
import { project } from './fold.ts';
import { profiles } from './profiles.ts';
import { type NotificationSettingsDoc, type ReadMarkerDoc, readMarkerId } from './settings.ts';

describe('private settings', () => {
  it('are what the model says: a read marker never moves back, and the newest choice holds', () => {
    fc.assert(
      fc.property(history, fc.boolean(), (events, isReversed) => {
        const facts = model(events);
        const documents = project(profiles, isReversed ? events.toReversed() : events);
        for (const user of users) {
          for (const list of ['friends-feed', 'notifications'] as const) {
            const marker = documents.get('readMarkers')?.get(readMarkerId(user, list));
            expect((marker as ReadMarkerDoc | undefined)?.upTo ?? 0).toBe(facts.readUpTo(user, list));
          }
          const settings = documents.get('notificationSettings')?.get(user) as NotificationSettingsDoc;
          for (const kind of ['LIKE', 'REPLY'])
            expect(settings?.[kind]?.from ?? 'EVERYONE').toBe(facts.notifiedFrom(user, kind));
        }
      }),
      {
        examples: tellingHistories.flatMap((events) =>
          [false, true].map((isReversed) => [events, isReversed] as const),
        ),
      },
    );
  });
});
