import type { RecordedEvent } from '@rookery/schema/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Fact, record, users } from '../../../../tests/support/events/recorded-events.ts';
import { type FollowDoc, follows } from './follows.ts';
import { relationId } from './relation.ts';

const [ann, ben] = users as [string, string];
const kinds = ['followed', 'unfollowed', 'blocked', 'unblocked'] as const;
type Kind = (typeof kinds)[number];

const fact = (kind: Kind, by: string, at: number): Fact => ({
  name: `rookery.user.${kind}`,
  actor: by,
  subject: by === ann ? ben : ann,
  at,
  data: {},
});
const apply = (events: readonly RecordedEvent[], id: string, before?: FollowDoc): FollowDoc | undefined =>
  events.reduce<FollowDoc | undefined>(
    (doc, event) => (follows.affectedIds(event).includes(id) ? follows.merge(doc, event, id) : doc),
    before,
  );
/** The follow of Ben by Ann after facts that are recorded in this order. */
const after = (...facts: Fact[]) => apply(record(facts), relationId(ann, ben));

/** Follows and blocks between Ann and Ben. Clocks disagree with the order of recording, and collide. */
const histories = fc
  .array(fc.tuple(fc.constantFrom(...kinds), fc.constantFrom(ann, ben), fc.nat(20)), {
    maxLength: 14,
    size: 'max',
  })
  .map((acts) => record(acts.map(([kind, by, at]) => fact(kind, by, at))));
const shuffled = (events: readonly RecordedEvent[]) =>
  fc
    .shuffledSubarray([...events])
    .chain((again) =>
      fc.shuffledSubarray([...events, ...again], { minLength: events.length + again.length }),
    );

/** Plays events one by one in the order of their versions: what the people would say has happened. */
const played = (events: readonly RecordedEvent[], actor: string) => {
  const blocking = new Set<string>();
  let position: number | null = null;
  const versionOf = ({ event }: RecordedEvent): string => `${event.time} ${event.id}`;
  for (const { event, position: at } of events.toSorted((a, b) => (versionOf(a) < versionOf(b) ? -1 : 1))) {
    if (event.name === 'rookery.user.blocked') {
      blocking.add(event.actor);
      position = null;
    } else if (event.name === 'rookery.user.unblocked') blocking.delete(event.actor);
    else if (event.actor !== actor) continue;
    else if (event.name === 'rookery.user.unfollowed') position = null;
    else if (blocking.size === 0) position ??= at;
  }
  return { active: position !== null, position };
};

describe('a follow', () => {
  it('is what blocks leave of it, for any order, repetition and split of the events', () => {
    fc.assert(
      fc.property(
        histories.chain((events) => fc.tuple(fc.constant(events), shuffled(events), fc.nat(28))),
        ([events, delivered, cut]) => {
          for (const [actor, object] of [
            [ann, ben],
            [ben, ann],
          ] as const) {
            const id = relationId(actor, object);
            const once = apply(events, id);
            const doc = apply(delivered.slice(cut), id, apply(delivered.slice(0, cut), id));
            expect(doc).toEqual(once);
            expect(apply(delivered, id, doc)).toBe(doc);
            if (doc) expect(doc).toMatchObject({ actor, object, ...played(events, actor) });
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it.each([ann, ben])('ends by a block of either (%s), and does not come back with its end', (blocker) => {
    const [follow, block, end] = [
      fact('followed', ann, 1),
      fact('blocked', blocker, 2),
      fact('unblocked', blocker, 3),
    ];
    expect(after(follow)).toMatchObject({ active: true, position: 1 });
    expect(after(follow, block)).toMatchObject({ active: false, position: null, ended: 2 });
    expect(after(follow, block, end)).toMatchObject({ active: false, position: null });
    expect(after(follow, block, end, fact('followed', ann, 4))).toMatchObject({ active: true, position: 4 });
  });

  it('during a block has no effect, also after the block', () => {
    const facts = [fact('blocked', ben, 1), fact('followed', ann, 2)];
    expect(after(...facts)).toMatchObject({ active: false, position: null });
    expect(after(...facts, fact('unblocked', ben, 3))).toMatchObject({ active: false, position: null });
  });

  it('is left alone by the end of a block that does not hold', () =>
    expect(
      after(fact('followed', ann, 1), fact('unblocked', ben, 2), fact('unblocked', ann, 3)),
    ).toMatchObject({
      active: true,
      position: 1,
    }));

  it('that there is none of does not show by a change that somebody has been blocked', () => {
    expect(after(fact('blocked', ben, 1))).not.toHaveProperty('ended');
    const left = [fact('followed', ann, 1), fact('unfollowed', ann, 2), fact('blocked', ben, 3)];
    expect(after(...left)).toMatchObject({ active: false, ended: 2 });
  });

  it('of a version that knew no blocks goes on as it was', () => {
    const stored: FollowDoc = {
      actor: ann,
      object: ben,
      active: true,
      version: ['2026-01-01T00:00:00.001Z', 'e0000000-0000-4000-8000-000000000099'],
      position: 7,
      since: '2026-01-01T00:00:00.001Z',
    };
    const id = relationId(ann, ben);
    const blocked = apply(record([fact('blocked', ben, 2)], 8), id, stored);
    expect(blocked).toMatchObject({ active: false, position: null, ended: 8 });
    const again = [fact('unblocked', ben, 3), fact('followed', ann, 4)];
    expect(apply(record(again, 9), id, blocked)).toMatchObject({ active: true, position: 10 });
    expect(apply(record([fact('unblocked', ben, 3)], 9), id, stored)).toMatchObject({
      active: true,
      position: 7,
    });
  });

  it('does not grow with repeated blocks', () => {
    const facts = Array.from({ length: 400 }, (_, i) =>
      fact(kinds[i % 4] as Kind, i % 3 === 0 ? ann : ben, i),
    );
    expect(JSON.stringify(after(...facts)).length).toBeLessThan(12_000);
  });
});
