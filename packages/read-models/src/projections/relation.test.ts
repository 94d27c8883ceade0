import { eventKinds, type RecordedEvent } from '@rookery/schema/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Fact, posts, record, users } from '../../../../tests/support/events/recorded-events.ts';
import { type RelationDoc, relation } from './relation.ts';

const [actor] = users as [string];
const [post] = posts as [string];
const { merge } = relation({
  on: eventKinds.postShared,
  off: eventKinds.postUnshared,
  indexes: [],
});

const toggle = (on: boolean, at: number): Fact => ({
  name: on ? 'rookery.post.shared' : 'rookery.post.unshared',
  actor,
  subject: post,
  at,
  data: {},
});
const apply = (events: readonly RecordedEvent[], before?: RelationDoc): RelationDoc | undefined =>
  events.reduce<RelationDoc | undefined>((doc, event) => merge(doc, event, ''), before);
const time = (at: number) => new Date(Date.UTC(2026, 0, 1) + at).toISOString();

/** Acts and undos of one pair in recording order. Clocks disagree and collide. */
const histories = (maxLength: number, actsPerUndo: number) =>
  fc
    .array(
      fc.record({
        on: fc.oneof(
          { weight: 1, arbitrary: fc.constant(false) },
          { weight: actsPerUndo, arbitrary: fc.constant(true) },
        ),
        at: fc.nat(maxLength),
      }),
      { minLength: 1, maxLength, size: 'max' },
    )
    .map((toggles) => record(toggles.map(({ on, at }) => toggle(on, at))));

const redelivered = (events: readonly RecordedEvent[]) =>
  fc
    .shuffledSubarray([...events])
    .chain((again) =>
      fc.shuffledSubarray([...events, ...again], { minLength: events.length + again.length }),
    );

const byVersion = (events: readonly RecordedEvent[]) =>
  events.toSorted((a, b) => (`${a.event.time} ${a.event.id}` < `${b.event.time} ${b.event.id}` ? -1 : 1));

/** Acts after the newest undo, oldest first. */
const actsInForce = (events: readonly RecordedEvent[]) => {
  const sorted = byVersion(events);
  return sorted.slice(sorted.findLastIndex(({ event }) => event.name === 'rookery.post.unshared') + 1);
};

/** Returns the exact result: the relation has the position of the oldest act after the newest undo. */
const played = (events: readonly RecordedEvent[]) => {
  const [start] = actsInForce(events);
  return {
    active: start !== undefined,
    position: start?.position ?? null,
    since: start?.event.time ?? null,
  };
};

describe('a relation', () => {
  it('has the position at which it was last switched on from off, for any order and repetition', () => {
    const delivered = histories(15, 2).chain((events) => fc.tuple(fc.constant(events), redelivered(events)));
    fc.assert(
      fc.property(delivered, ([events, all]) => {
        expect(apply(all)).toMatchObject(played(events));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is the same for one set of events in any order, even beyond the acts that it keeps', () => {
    const delivered = histories(60, 15).chain((events) => fc.tuple(redelivered(events), redelivered(events)));
    fc.assert(
      fc.property(delivered, ([one, other]) => {
        const doc = apply(one);
        expect(doc).toEqual(apply(other));
        expect(apply(other, doc)).toBe(doc);
      }),
      { numRuns: 1_000 },
    );
  });

  it('knows on and off exactly, and never loses an act after an undo, for any number of acts', () => {
    const delivered = histories(150, 40).chain((events) =>
      fc.tuple(fc.constant(events), redelivered(events)),
    );
    fc.assert(
      fc.property(delivered, ([events, all]) => {
        const doc = apply(all);
        const right = played(events);
        expect(doc?.active).toBe(right.active);
        expect(doc?.ons?.length ?? 0).toBeLessThanOrEqual(17);
        const inForce = actsInForce(events);
        if (inForce.length <= 16) {
          expect(doc).toMatchObject(right);
          return;
        }
        // Beyond the acts that it keeps, it has the position of the oldest kept act, which follows the newest undo.
        const remembered = [inForce[0], ...inForce.slice(-16)].map((act) => act?.position);
        expect(remembered).toContain(doc?.position);
      }),
      { numRuns: 1_000 },
    );
  });

  it('keeps its position for any number of repetitions, and does not grow', () => {
    const repeated = record(Array.from({ length: 500 }, (_, i) => toggle(true, i)));
    const doc = apply(repeated);
    expect(doc).toMatchObject({ active: true, position: 1, since: time(0) });
    expect(doc?.ons?.length).toBeLessThan(20);
    const again = apply(record([toggle(false, 1_000), toggle(true, 1_001), toggle(true, 1_002)], 501), doc);
    expect(again).toMatchObject({ active: true, position: 502, since: time(1_001) });
    expect(again?.ons?.length).toBeLessThan(20);
  });

  describe('of a version that kept only the position of the first act', () => {
    const stored = (active: boolean): RelationDoc => ({
      actor,
      object: post,
      active,
      version: [time(5), 'e0000000-0000-4000-8000-000000000099'],
      position: 1,
      since: time(1),
    });

    it('keeps its position while it is repeated, and gets a new one when it is switched on again', () => {
      const repeat = apply(record([toggle(true, 6)], 10), stored(true));
      expect(repeat).toMatchObject({ active: true, position: 1, since: time(1) });
      const again = apply(record([toggle(false, 7), toggle(true, 8)], 11), repeat);
      expect(again).toMatchObject({ active: true, position: 12, since: time(8) });
    });

    it('is switched on again by a later act, and not by an earlier one', () => {
      expect(apply(record([toggle(true, 8)], 11), stored(false))).toMatchObject({
        active: true,
        position: 11,
        since: time(8),
      });
      expect(apply(record([toggle(true, 4)], 11), stored(false))).toMatchObject({ active: false });
    });
  });
});
