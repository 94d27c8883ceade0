import { describe, expect, it } from 'vitest';
import { type Fact, record, users } from '../../../../tests/support/events/recorded-events.ts';
import { friendsFeedSettings } from './friends-feed-choices.ts';
import { lists } from './lists.ts';

const [owner = '', other = ''] = users;
const list = 'c0000000-0000-4000-8000-000000000001';

/** Every order of some things. */
const orders = <T>(things: readonly T[]): T[][] =>
  things.length <= 1
    ? [[...things]]
    : things.flatMap((thing, i) => orders(things.toSpliced(i, 1)).map((rest) => [thing, ...rest]));

const about = { actor: owner, subject: list } as const;
const created: Fact = { ...about, name: 'rookery.list.created', id: list, at: 3, data: { name: 'first' } };
const renamed = (name: string, at: number): Fact => ({
  ...about,
  ...{ name: 'rookery.list.renamed', at, data: { name } },
});
const deleted: Fact = { ...about, name: 'rookery.list.deleted', at: 1, data: {} };

describe('a list of accounts', () => {
  /** The documents of these events, whatever their order. */
  const namesOf = (facts: readonly Fact[]): unknown[] => {
    const found = orders(record(facts)).map((events) => {
      const doc = events.reduce<ReturnType<typeof lists.merge> | undefined>(
        (before, recorded) => lists.merge(before, recorded as never, `${owner}:${list}`),
        undefined,
      );
      return { name: doc?.name, active: doc?.active };
    });
    expect(new Set(found.map((one) => JSON.stringify(one))).size).toBe(1);
    return [found[0]?.name, found[0]?.active];
  };

  it('has the newest name that it was given, also if that is dated before its creation', () => {
    expect(namesOf([created])).toEqual(['first', true]);
    expect(namesOf([created, renamed('second', 2), renamed('third', 4)])).toEqual(['third', true]);
    expect(namesOf([created, renamed('second', 2)])).toEqual(['second', true]);
  });

  it('has no name once it is deleted, and is none before it is created', () => {
    expect(namesOf([created, renamed('second', 4), deleted])).toEqual([null, false]);
    expect(namesOf([renamed('second', 4)])).toEqual(['second', false]);
    expect(lists.affectedIds(record([{ ...renamed('theirs', 5), actor: other }])[0] as never)).toEqual([
      `${other}:${list}`,
    ]);
  });
});

describe('a choice about the friends feed', () => {
  it('is the newest for each part, whatever their order', () => {
    const choose = (part: 'OWN_ITEMS' | 'REPLIES_TO_OTHERS', isShown: boolean, at: number): Fact => ({
      ...{ name: 'rookery.user.friends-feed-set', actor: owner, subject: owner, at, data: { part, isShown } },
    });
    const facts = [
      choose('OWN_ITEMS', false, 2),
      choose('OWN_ITEMS', true, 1),
      choose('REPLIES_TO_OTHERS', true, 1),
    ];
    for (const events of orders(record(facts))) {
      const doc = events.reduce<ReturnType<typeof friendsFeedSettings.merge> | undefined>(
        (before, recorded) => friendsFeedSettings.merge(before, recorded as never, owner),
        undefined,
      );
      expect(doc).toMatchObject({
        parts: { OWN_ITEMS: { isShown: false }, REPLIES_TO_OTHERS: { isShown: true } },
        changed: 3,
      });
    }
  });
});
