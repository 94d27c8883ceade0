import type { Collection, Documents } from '@rookery/document-store';
import { relationId } from '@rookery/read-models';
import { createLog } from '@rookery/runtime';
import type { Envelope } from '@rookery/schema/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBlocks } from './blocks.ts';

const ann = '01890a5d-ac96-774b-bcce-b302099a8057';
const ben = '01890a5d-ac96-774b-bcce-b302099a8058';

type Stored = { readonly active: boolean; readonly version: readonly [time: string, id: string] };

const timeOf = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

const eventOf = (active: boolean, second: number, actor = ann, subject = ben): Envelope => ({
  specversion: '1.0',
  source: 'test',
  datacontenttype: 'application/json',
  id: `event-${second}`,
  type: `rookery.user.${active ? 'blocked' : 'unblocked'}.v1`,
  subject,
  actor,
  time: timeOf(second),
  data: {},
});

/** Returns a check over one stored block of Ann's; `away` if the documents do not answer. */
const blocksWith = (stored?: Stored | 'away') => {
  const getMany = async (ids: readonly string[]) => {
    if (stored === 'away') throw new Error('no documents');
    const id = relationId(ann, ben);
    return new Map(stored && ids.includes(id) ? [[id, { id, revision: 1, doc: stored }]] : []);
  };
  const documents = { collection: () => ({ getMany }) as unknown as Collection<never> } as Pick<
    Documents,
    'collection'
  >;
  return createBlocks(documents, (call) => call(), createLog('test', 'silent'));
};

const storedAt = (active: boolean, second: number): Stored => ({
  active,
  version: [timeOf(second), `event-${second}`],
});

describe('a block', () => {
  it('is between two people, whoever has set it', async () => {
    const blocks = blocksWith(storedAt(true, 1));
    expect(await blocks.between(ann, ben)).toBe(true);
    expect(await blocks.between(ben, ann)).toBe(true);
    expect(await blocks.between(ann, ann)).toBe(false);
  });

  it('that this process has ended is over before that is projected', async () => {
    const blocks = blocksWith(storedAt(true, 1));
    blocks.published(eventOf(false, 2));
    expect(await blocks.between(ann, ben)).toBe(false);
    expect(await blocks.between(ben, ann)).toBe(false);
  });

  it('that this process has set is in force before that is projected, also without documents', async () => {
    for (const blocks of [blocksWith(), blocksWith('away')]) {
      blocks.published(eventOf(true, 1));
      expect(await blocks.between(ann, ben)).toBe(true);
      expect(await blocks.between(ben, ann)).toBe(true);
    }
  });

  it('is not there if the documents do not answer and this process has set none', async () => {
    expect(await blocksWith('away').between(ann, ben)).toBe(false);
  });

  it('is as the documents or this process say, whichever is newer, in any order of publishing', async () => {
    const act = fc.record({ active: fc.boolean(), second: fc.integer({ min: 0, max: 59 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(act, { selector: ({ second }) => second, minLength: 1, maxLength: 6 }),
        fc.nat(5),
        async (acts, storedIndex) => {
          const stored = acts[storedIndex];
          const blocks = blocksWith(stored && storedAt(stored.active, stored.second));
          for (const { active, second } of acts) {
            if (second !== stored?.second) blocks.published(eventOf(active, second));
          }
          const newest = acts.reduce((one, other) => (other.second > one.second ? other : one));
          expect(await blocks.between(ann, ben)).toBe(newest.active);
        },
      ),
    );
  });

  it('is not changed by events of other kinds', async () => {
    const blocks = blocksWith();
    blocks.published({ ...eventOf(true, 1), type: 'rookery.user.muted.v1' });
    expect(await blocks.between(ann, ben)).toBe(false);
  });
});
