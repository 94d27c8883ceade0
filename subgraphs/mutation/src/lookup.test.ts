import { setTimeout } from 'node:timers/promises';
import type { Collection, Documents } from '@rookery/document-store';
import type { EventStore } from '@rookery/event-store';
import { RookeryError } from '@rookery/graphql-server';
import type { Queue } from '@rookery/message-queue';
import { createLog } from '@rookery/runtime';
import type { StoredEvent } from '@rookery/schema/events';
import { describe, expect, it } from 'vitest';
import { startStopwatch } from '../../../tests/support/stopwatch.ts';
import { createLookup } from './lookup.ts';

const postId = '01890a5d-ac96-774b-bcce-b302099a8059';
const ann = '01890a5d-ac96-774b-bcce-b302099a8057';
const byAnn = { author: ann, isForEverybody: true };
const log = createLog('test', 'silent');
const options = { timeoutMs: 250 };
const noCursors = { read: () => undefined };

type Doc = { readonly author: string | null; readonly deleted: boolean };
type Find = Queue['find'];

/** Answers of the documents, one for each time that they are asked; the last one stays. */
const lookupWith = (
  answers: (Doc | 'none' | 'away' | 'silent' | 'slow')[],
  find: Find,
  byId: EventStore['byId'] = async () => undefined,
  { timeoutMs } = options,
) => {
  let asked = 0;
  const getMany = async (ids: readonly string[]) => {
    const answer = answers[Math.min(asked++, answers.length - 1)];
    if (answer === 'away') throw new Error('no documents');
    if (answer === 'silent') return new Promise<never>(() => {});
    if (answer === 'slow') await setTimeout(options.timeoutMs + 50);
    return new Map(typeof answer === 'object' ? ids.map((id) => [id, { id, revision: 1, doc: answer }]) : []);
  };
  const documents = { collection: () => ({ getMany }) as unknown as Collection<never> } as Pick<
    Documents,
    'collection'
  >;
  return {
    lookup: createLookup(documents, { find }, { byId, byKey: async () => undefined }, noCursors, log, {
      timeoutMs,
    }),
    asked: () => asked,
  };
};

const nothing: Find = async () => undefined;
const pending =
  (type: string): Find =>
  async (id) => ({
    event: {
      specversion: '1.0',
      source: 'test',
      datacontenttype: 'application/json',
      id,
      type,
      subject: id,
      actor: ann,
      time: '2026-01-01T00:00:00.000Z',
      data: type.includes('published') ? { body: 'Hello' } : {},
    },
    position: null,
  });

describe('a post', () => {
  it('is known by its document', async () => {
    const { lookup } = lookupWith([{ author: ann, deleted: false }], nothing);
    expect(await lookup.seenBy(ann).post(postId)).toEqual(byAnn);
  });

  it('that is deleted is absent', async () => {
    const { lookup } = lookupWith([{ author: ann, deleted: true }], nothing);
    expect(await lookup.seenBy(ann).post(postId)).toBe('absent');
  });

  it.each(['none', 'away', { author: null, deleted: false }] as const)(
    'is known by its event if the document is %j',
    async (answer) => {
      const { lookup } = lookupWith([answer], pending('rookery.post.published.v1'));
      expect(await lookup.seenBy(ann).post(postId)).toEqual(byAnn);
    },
  );

  it('is absent if no store has it', async () => {
    expect(await lookupWith(['none'], nothing).lookup.seenBy(ann).post(postId)).toBe('absent');
  });

  it('is not what another kind of event made', async () => {
    expect(await lookupWith(['none'], pending('rookery.post.liked.v1')).lookup.seenBy(ann).post(postId)).toBe(
      'absent',
    );
  });

  it('is found when it is projected between the two looks', async () => {
    const { lookup } = lookupWith(['none', { author: ann, deleted: false }], nothing);
    expect(await lookup.seenBy(ann).post(postId)).toEqual(byAnn);
  });

  it('is found in the event store while it is recorded and not relayed', async () => {
    const { event } = (await pending('rookery.post.published.v1')(postId)) ?? {};
    const stored = { position: 1, recordedAt: '2026-01-01T00:00:00.000Z', event } as StoredEvent;
    expect(
      await lookupWith(['none'], nothing, async () => stored)
        .lookup.seenBy(ann)
        .post(postId),
    ).toEqual(byAnn);
  });

  it('is unknown if the event store does not answer and nothing else has it', async () => {
    const down = async () => {
      throw new Error('no event store');
    };
    expect(await lookupWith(['none'], nothing, down).lookup.seenBy(ann).post(postId)).toBe('unknown');
  });

  it('is unknown if the documents are down and the queue has nothing', async () => {
    expect(await lookupWith(['away'], nothing).lookup.seenBy(ann).post(postId)).toBe('unknown');
  });

  it('that its author deleted from here is absent before that is projected', async () => {
    const { lookup } = lookupWith([{ author: ann, deleted: false }], nothing);
    const deletion = (await pending('rookery.post.deleted.v1')(postId))?.event;
    if (!deletion) throw new Error('no deletion');
    lookup.published({ ...deletion, actor: postId });
    expect(await lookup.seenBy(ann).post(postId)).toEqual(byAnn);
    lookup.published({ ...deletion, actor: ann });
    expect(await lookup.seenBy(ann).post(postId)).toBe('absent');
  });

  it('is not looked up if the id is invalid', async () => {
    const { lookup, asked } = lookupWith(['away'], nothing);
    expect(await lookup.seenBy(ann).post('{"$ne":1}')).toBe('absent');
    expect(asked()).toBe(0);
  });
});

it('waits a quarter of a second for documents that are silent, and then leaves them alone', async () => {
  const { lookup, asked } = lookupWith(['silent'], nothing);
  for (let i = 0; i < 10; i++) {
    const took = startStopwatch();
    expect(await lookup.seenBy(ann).post(postId)).toBe('unknown');
    expect(took()).toBeLessThan(1_000);
  }
  expect(asked()).toBe(5);
});

it('waits for slow documents as long as it is told', async () => {
  for (const [timeoutMs, found] of [
    [options.timeoutMs, 'unknown'],
    [60_000, 'absent'],
  ] as const) {
    const { lookup } = lookupWith(['slow'], nothing, undefined, { timeoutMs });
    expect(await lookup.seenBy(ann).post(postId)).toBe(found);
  }
});

it('throws SERVICE_UNAVAILABLE if the queue is down', async () => {
  const { lookup } = lookupWith(['none'], async () => {
    throw new Error('no queue at 10.0.0.1');
  });
  const refusal = await lookup
    .seenBy(ann)
    .post(postId)
    .catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(RookeryError);
  expect(String(refusal)).not.toContain('10.0.0.1');
});

describe('the mentions of a text', () => {
  const known = new Map([
    ['ada', 'id of ada'],
    ['ben', 'id of ben'],
  ]);
  const lookupOf = (page: () => Promise<unknown>) => {
    const asked: unknown[] = [];
    const collection = (name: string) => ({
      page: (request: object) => {
        asked.push({ name, ...request });
        return page();
      },
    });
    const documents = { collection } as unknown as Pick<Documents, 'collection'>;
    const events = { byId: async () => undefined, byKey: async () => undefined };
    return {
      asked,
      seen: createLookup(documents, { find: nothing }, events, noCursors, log, options).seenBy(ann),
    };
  };
  const found = async () => [...known].map(([handle, id]) => ({ id, revision: 1, doc: { handle } }));

  it('are the users who have the handles, each once, in the order of the text', async () => {
    const { seen, asked } = lookupOf(found);
    expect(await seen.mentionedIn('@Ben and @nobody and @ada, @ben!')).toEqual(['id of ben', 'id of ada']);
    expect(asked).toEqual([
      {
        ...{ name: 'users', where: { handle: ['ben', 'nobody', 'ada'] } },
        ...{ orderBy: 'joinedPosition', direction: 'asc', limit: 3 },
      },
    ]);
  });

  it('cost nothing if there are none', async () => {
    const { seen, asked } = lookupOf(found);
    expect(await seen.mentionedIn('ada@rookery.test, hello')).toEqual([]);
    expect(asked).toEqual([]);
  });

  it('are nobody if the documents do not answer', async () => {
    const { seen } = lookupOf(async () => {
      throw new Error('no documents');
    });
    expect(await seen.mentionedIn('@ada')).toEqual([]);
  });
});
