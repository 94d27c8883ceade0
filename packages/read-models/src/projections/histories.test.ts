import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Fact, posts, record, users } from '../../../../tests/support/events/recorded-events.ts';
import { project } from './fold.ts';
import type { HistoryDoc } from './histories.ts';
import { postsProjection } from './posts.ts';

const [post = ''] = posts;
const [author = '', other = ''] = users;
const edit = (at: number, actor = author): Fact => ({
  ...{ name: 'rookery.post.edited', actor, subject: post, at },
  data: { body: `text ${at}` },
});
const deletion: Fact = { name: 'rookery.post.deleted', actor: author, subject: post, at: 99, data: {} };
const historyOf = (facts: readonly Fact[]): HistoryDoc | undefined =>
  project({ name: 'posts', merges: postsProjection.merges }, record(facts)).get('histories')?.get(post) as
    | HistoryDoc
    | undefined;

describe('the history of a post', () => {
  it('has the newest twenty edits of each actor, in any order of the events', () => {
    const edits = Array.from({ length: 25 }, (_, at) => edit(at));
    const newest = edits.slice(5).map(({ data }) => (data as { body: string }).body);
    fc.assert(
      fc.property(fc.shuffledSubarray(edits, { minLength: edits.length }), (shuffled) => {
        const { edits: kept = {} } = historyOf([edit(1, other), ...shuffled]) ?? {};
        expect(kept[author]?.map(({ body }) => body)).toEqual(newest.toReversed());
        expect(kept[other]?.map(({ body }) => body)).toEqual(['text 1']);
      }),
    );
  });

  it('keeps no text of an author who has deleted the post, whatever comes first', () => {
    for (const facts of [
      [edit(1), edit(2), deletion],
      [deletion, edit(1), edit(2)],
      [edit(1), deletion, edit(2), deletion],
    ])
      expect(JSON.stringify(historyOf(facts))).not.toContain('text');
  });
});
