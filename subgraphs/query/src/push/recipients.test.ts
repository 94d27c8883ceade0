import fc from 'fast-check';
import { expect, it } from 'vitest';
import { history, users } from '../../../../tests/support/events/recorded-events.ts';
import { tellingHistories } from '../../../../tests/support/events/telling-histories.ts';
import { model } from '../../../../tests/support/model/social.ts';
import { applied, contextOf, readerOf } from '../histories/documents.ts';
import { mayNotify, recipientsOf } from './recipients.ts';

it('an event is pushed to everybody whom the model notifies of it', async () => {
  await fc.assert(
    fc.asyncProperty(history, async (events) => {
      const context = contextOf(readerOf(applied(events)), null);
      const facts = model(events);
      for (const recorded of events) {
        const notified = users.filter((user) =>
          facts
            .notifications(user)
            .some(
              ({ place, acts }) =>
                place === recorded.position && acts.some(({ position }) => position === place),
            ),
        );
        if (notified.length === 0) continue;
        expect(mayNotify(recorded)).toBe(true);
        expect(await recipientsOf(context, recorded)).toEqual(expect.arrayContaining(notified));
      }
    }),
    { numRuns: 100, examples: tellingHistories.map((events) => [events]) },
  );
});
