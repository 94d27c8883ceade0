import type { RecordedEvent } from '@rookery/schema/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Fact, record, users } from '../../../../tests/support/events/recorded-events.ts';
import { type FollowDoc, follows } from './follows.ts';
import { relationId } from './relation.ts';

const [ann, ben] = users as [string, string];
const kinds = [
  ...(['followed', 'unfollowed', 'blocked', 'unblocked'] as const),
  ...(['follow-requested', 'follow-approved', 'follow-rejected'] as const),
] as const;
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
  let requested: number | null = null;
  const versionOf = ({ event }: RecordedEvent): string => `${event.time} ${event.id}`;
  const end = () => {
    position = requested = null;
  };
  const begin = (at: number) => {
    position ??= at;
    requested = null;
  };
  /** By what the one who follows does, or the other. */
  const acts: Record<string, ((at: number) => void) | undefined> = {
    'own followed': (at) => blocking.size === 0 && begin(at),
    'own follow-requested': (at) => {
      if (blocking.size === 0 && position === null) requested ??= at;
    },
    'own unfollowed': end,
    "the other's follow-approved": (at) => requested !== null && begin(at),
    "the other's follow-rejected": end,
  };
  for (const { event, position: at } of events.toSorted((a, b) => (versionOf(a) < versionOf(b) ? -1 : 1))) {
    const what = event.name.replace('rookery.user.', '');
    if (what === 'blocked') end();
    if (what === 'blocked') blocking.add(event.actor);
    if (what === 'unblocked') blocking.delete(event.actor);
    acts[`${event.actor === actor ? 'own' : "the other's"} ${what}`]?.(at);
  }
  return { active: position !== null, position, requested };
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
            if (!doc) continue;
            const { requested = null, pending = false, unchecked } = doc;
            expect({ ...doc, requested }).toMatchObject({ actor, object, ...played(events, actor) });
            expect([pending, unchecked]).toEqual([requested !== null, undefined]);
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

  it('of a protected account begins with the approval, and ends with a rejection', () => {
    const asked = fact('follow-requested', ann, 1);
    const [approved, rejected] = [fact('follow-approved', ben, 2), fact('follow-rejected', ben, 3)];
    expect(after(asked)).toMatchObject({ active: false, pending: true, requested: 1 });
    expect(after(asked, approved)).toMatchObject({ active: true, position: 2 });
    expect(after(asked, approved)).not.toHaveProperty('pending');
    expect(after(asked, approved, rejected)).toMatchObject({ active: false, position: null, ended: 3 });
    expect(after(asked, rejected)).not.toHaveProperty('pending');
    const again = fact('follow-requested', ann, 4);
    expect(after(asked, approved, rejected, again)).toMatchObject({ active: false, requested: 4 });
    // An approval answers earlier requests only.
    expect(after(approved, fact('follow-requested', ann, 3))).toMatchObject({ active: false, requested: 2 });
  });

  it('that was accepted unchecked says so until it is approved or checked', () => {
    const guess: Fact = { ...fact('followed', ann, 1), data: { unchecked: true } };
    expect(after(guess)).toMatchObject({ active: true, position: 1, unchecked: true });
    for (const more of [fact('follow-approved', ben, 2), fact('followed', ann, 2)]) {
      expect(after(guess, more)).toMatchObject({ active: true, position: 1 });
      expect(after(guess, more)).not.toHaveProperty('unchecked');
    }
    expect(after(guess, fact('follow-requested', ann, 2))).toMatchObject({ active: true, unchecked: true });
  });

  it('of a version that knew no requests goes on as it was', () => {
    const stored = after(fact('followed', ann, 1)) as FollowDoc;
    expect(Object.keys(stored)).not.toContain('own');
    const id = relationId(ann, ben);
    const asked = apply(record([fact('follow-requested', ann, 2)], 2), id, stored);
    expect(asked).toMatchObject({ active: true, position: 1 });
    const rejected = apply(record([fact('follow-rejected', ben, 3)], 3), id, asked);
    expect(rejected).toMatchObject({ active: false, ended: 3 });
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
      fact(kinds[i % kinds.length] as Kind, i % 3 === 0 ? ann : ben, i),
    );
    expect(JSON.stringify(after(...facts)).length).toBeLessThan(12_000);
  });
});
