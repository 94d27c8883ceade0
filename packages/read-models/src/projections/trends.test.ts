import { makeEvent, type RecordedEvent } from '@rookery/schema/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fold } from './fold.ts';
import { recentPeople, recentTrends, type TrendDoc, trendId, trendKeyOf, trends } from './trends.ts';

const hourMs = 3_600_000;
/** A whole number of weeks after the epoch, so that a period of each window begins. */
const start = 2_920 * 7 * 24 * hourMs;
const person = (n: number): string => `a0000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const postId = (n: number): string => `b0000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

interface Publication {
  readonly n: number;
  readonly by?: number;
  /** Milliseconds after the start. */
  readonly at?: number;
  /** If the recorder has another time. */
  readonly recordedAt?: number;
  readonly body?: string;
  readonly visibility?: 'FOLLOWERS' | 'MENTIONED';
}

const published = ({ n, by = n, at = 0, recordedAt = at, body = '#rook', visibility }: Publication) =>
  ({
    position: n,
    recordedAt: new Date(start + recordedAt).toISOString(),
    event: makeEvent({
      name: 'rookery.post.published',
      id: postId(n),
      actor: person(by),
      subject: postId(n),
      time: new Date(start + at).toISOString(),
      data: { body, ...(visibility ? { visibility } : {}) },
    }),
  }) satisfies RecordedEvent;

const rook = trendId('HOUR', trendKeyOf('rook'));
const docOf = (events: readonly RecordedEvent[], id = rook): TrendDoc | undefined =>
  fold(
    trends.merge as never,
    undefined,
    events.filter((event) => trends.affectedIds(event).includes(id)),
    id,
  ) as TrendDoc | undefined;

const publications = fc
  .array(fc.record({ by: fc.nat(8), at: fc.nat(5 * hourMs) }), { maxLength: 40, size: 'max' })
  .map((some) => some.map(({ by, at }, n) => ({ n, by, at })));

describe('the use of a hashtag', () => {
  it('has exactly the people of the window that ends now, whenever that is', () => {
    fc.assert(
      fc.property(
        publications.chain((some) =>
          fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length })),
        ),
        fc.nat(2 * hourMs),
        ([some, delivered], later) => {
          const now = Math.max(0, ...some.map(({ at }) => at)) + later;
          const recent = some.filter(({ at }) => at > now - hourMs);
          const doc = docOf(delivered.map(published));
          const expected = new Set(recent.map(({ by }) => by)).size;
          const found = doc ? recentPeople(doc, start + now) : { people: [], share: 1 };
          expect([found.people.length, found.share]).toEqual([expected, 1]);
          // The newest posts of each.
          const posts = found.people.flatMap(({ uses }) => uses.map(({ post }) => post));
          expect(recent.map(({ n }) => postId(n))).toEqual(expect.arrayContaining(posts));
          // A read that looks for documents of now finds it, unless it is empty.
          if (doc && expected > 0) expect(recentTrends('HOUR', start + now).period).toContain(doc.period);
        },
      ),
    );
  });

  it('has its place by the number of people, and not of posts', () => {
    const spammer = docOf(Array.from({ length: 100 }, (_, n) => published({ n, by: 1 })));
    const three = docOf([1, 2, 3].map((n) => published({ n })));
    expect([spammer?.rank, three?.rank].map((rank) => Math.floor(rank ?? 0))).toEqual([1, 3]);
  });

  it('has another place than any other hashtag with as many people', () => {
    const names = ['rook', 'crow', 'jay', 'daw', 'magpie'];
    const ranks = names.map((name) => {
      const id = trendId('DAY', trendKeyOf(name));
      return docOf([published({ n: 1, body: `#${name}` })], id)?.rank;
    });
    expect(new Set(ranks).size).toBe(names.length);
  });

  it.each([
    ['in a post for followers', { visibility: 'FOLLOWERS' }],
    ['in a post for mentioned people', { visibility: 'MENTIONED' }],
    ['without its sign', { body: 'rook' }],
    ['with an accent', { body: '#röok' }],
    ['with a letter of another script that looks alike', { body: '#rооk' }],
  ] as const)('does not count %s', (_, options) => {
    expect(docOf([published({ n: 1, ...options })])).toBeUndefined();
  });

  it.each(['#Rook', '＃ＲＯＯＫ', '#rook #ROOK #rook', '(#ｒｏｏｋ)'])('counts one person for %s', (body) => {
    const doc = docOf([published({ n: 1, body })]);
    expect(doc && recentPeople(doc, start).people).toHaveLength(1);
  });

  it('is in one document for each window, whose id does not have the text', () => {
    const ids = trends.affectedIds(published({ n: 1, body: '#rook #Rook' }));
    expect(ids.map((id) => id.split(':')[0])).toEqual(['HOUR', 'DAY', 'WEEK']);
    expect(ids.join()).not.toMatch(/rook/i);
  });

  it('is not ended by a clock that is a century ahead', () => {
    const century = 100 * 365 * 24 * hourMs;
    const doc = docOf([
      published({ n: 1, at: century, recordedAt: 10 }),
      published({ n: 2, at: 20, recordedAt: 30 }),
    ]);
    expect(doc && recentPeople(doc, start + 40).people).toHaveLength(2);
  });

  it('takes bounded space, and is not written for most people once it is popular', () => {
    const events = Array.from({ length: 5_000 }, (_, n) => published({ n, at: n % (2 * hourMs) }));
    let doc: TrendDoc | undefined;
    let writes = 0;
    for (const event of events) {
      const next: TrendDoc = trends.merge(doc, event, rook);
      if (next !== doc) writes += 1;
      doc = next;
    }
    expect(JSON.stringify(doc).length).toBeLessThan(30_000);
    expect(writes).toBeLessThan(600);
  });
});
