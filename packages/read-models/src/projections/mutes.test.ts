import type { RecordedEvent } from '@rookery/schema/events';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { record, users } from '../../../../tests/support/events/recorded-events.ts';
import { type MuteDoc, mutes } from './mutes.ts';

const [ann, ben] = users as [string, string];
/** Ends of mutes; undefined for one that stays, null for an undo. */
const ends = [undefined, '2026-02-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z', null] as const;

const historyOf = (acts: readonly (readonly [(typeof ends)[number], number])[]) =>
  record(
    acts.map(([until, at]) => ({
      ...{ actor: ann, subject: ben, at },
      ...(until === null
        ? ({ name: 'rookery.user.unmuted', data: {} } as const)
        : ({ name: 'rookery.user.muted', data: until === undefined ? {} : { until } } as const)),
    })),
  );
const apply = (events: readonly RecordedEvent[], before?: MuteDoc): MuteDoc | undefined =>
  events.reduce<MuteDoc | undefined>((doc, event) => mutes.merge(doc, event, ''), before);

it('is what its newest event says, and ends when that says, for any order and repetition', () => {
  const histories = fc
    .array(fc.tuple(fc.constantFrom(...ends), fc.nat(10)), { minLength: 1, maxLength: 12 })
    .map(historyOf);
  const delivered = histories.chain((events) =>
    fc
      .shuffledSubarray([...events])
      .chain((again) =>
        fc.tuple(
          fc.constant(events),
          fc.shuffledSubarray([...events, ...again], { minLength: events.length + again.length }),
        ),
      ),
  );
  fc.assert(
    fc.property(delivered, ([events, all]) => {
      const doc = apply(all);
      const version = ({ event }: RecordedEvent) => `${event.time} ${event.id}`;
      const newest = events.toSorted((a, b) => (version(a) < version(b) ? -1 : 1)).at(-1)?.event;
      const isOn = newest?.name === 'rookery.user.muted';
      expect(doc?.active).toBe(isOn);
      expect(doc?.until).toBe(isOn ? newest.data.until : undefined);
      expect(doc?.changed).toBe(events.length);
      expect(doc).toEqual(apply(events));
      expect(apply(all, doc)).toBe(doc);
    }),
  );
});
