import { describe, expect, it } from 'vitest';
import { type Action, actions } from './actions.ts';
import { type Operation, type Recorded, ReferenceModel } from './reference-model.ts';

const ann = 'ann';

/** An operation of a client, and its event in the store. */
const publish = (referenceModel: ReferenceModel, body: string, key: string | null = 'a key'): Operation => {
  const operation = referenceModel.begin({
    actor: ann,
    action: 'publish',
    subject: null,
    data: { body },
    key,
  });
  operation.requests.push(`request ${operation.n}`);
  return operation;
};
const actOn = (
  referenceModel: ReferenceModel,
  action: 'like' | 'follow',
  subject: string,
  key: string | null,
): Operation => {
  const operation = referenceModel.begin({ actor: ann, action, subject, data: {}, key });
  operation.requests.push(`request ${operation.n}`);
  return operation;
};
const like = (referenceModel: ReferenceModel, key: string): Operation =>
  actOn(referenceModel, 'like', 'post', key);
const recordedAs = (
  { n, key, data }: Operation,
  position: number,
  changes: Partial<Recorded> = {},
): Recorded => ({
  position,
  id: `activity ${n}`,
  type: 'rookery.post.published.v1',
  subject: `activity ${n}`,
  actor: ann,
  time: '2026-01-01T00:00:00.000Z',
  key,
  request: `request ${n}`,
  data,
  ...changes,
});
const rejectedAs = (operation: Operation, position: number, type: string, subject?: string): Recorded =>
  recordedAs(operation, position, {
    type: 'rookery.command.rejected.v1',
    key: null,
    data: { type, reason: 'IDEMPOTENCY_KEY_REUSED' },
    ...(subject === undefined ? {} : { subject }),
  });
const nothing = { lost: [], doubled: [], wrong: [] };

describe('the reference model', () => {
  it('accepts that commands are rejected whose key has an effect already, in whatever order they are recorded', () => {
    for (const effect of [1, 3]) {
      const referenceModel = new ReferenceModel();
      const first = publish(referenceModel, 'first');
      const text = publish(referenceModel, 'other text');
      const verb = like(referenceModel, 'a key');
      for (const operation of [first, text, verb])
        referenceModel.accepted(operation, `activity ${operation.n}`);
      const events = [
        recordedAs(first, effect),
        rejectedAs(text, 2, 'rookery.post.published.v1'),
        rejectedAs(verb, 4 - effect, 'rookery.post.liked.v1', 'post'),
      ];
      const settled = referenceModel.settle(events.toSorted((a, b) => a.position - b.position));
      expect(settled).toMatchObject(nothing);
      expect(settled.rejected.toSorted()).toEqual(['activity 2', 'activity 3']);
      expect(settled.facts.map(({ event }) => event.id)).toEqual(['activity 1']);
    }
  });

  it('accepts that a follow says that the account was not checked, and no other addition', () => {
    const wrongOf = (action: 'like' | 'follow', subject: string, data: object): readonly string[] => {
      const referenceModel = new ReferenceModel();
      const operation = actOn(referenceModel, action, subject, null);
      referenceModel.accepted(operation, 'activity 1');
      const type = action === 'like' ? 'rookery.post.liked.v1' : 'rookery.user.followed.v1';
      return referenceModel.settle([recordedAs(operation, 1, { type, subject, data })]).wrong;
    };
    expect(wrongOf('follow', 'ben', {})).toEqual([]);
    expect(wrongOf('follow', 'ben', { unchecked: true })).toEqual([]);
    const other = [expect.stringMatching(/^other data than was sent/)];
    expect(wrongOf('follow', 'ben', { unchecked: false })).toEqual(other);
    expect(wrongOf('follow', 'ben', { unchecked: true, more: 1 })).toEqual(other);
    expect(wrongOf('like', 'post', { unchecked: true })).toEqual(other);
  });

  it('counts an unknown command that was rejected as not applied', () => {
    const referenceModel = new ReferenceModel();
    const first = publish(referenceModel, 'first');
    referenceModel.accepted(first, 'activity 1');
    const unknown = publish(referenceModel, 'other text');
    const events = [recordedAs(first, 1), rejectedAs(unknown, 2, 'rookery.post.published.v1')];
    expect(referenceModel.settle(events)).toMatchObject({
      ...nothing,
      unknown: { applied: 0, notApplied: 1 },
    });
  });

  it.each<[string, (referenceModel: ReferenceModel) => Recorded[], string]>([
    [
      'an accepted command under a taken key that is neither recorded nor rejected',
      (referenceModel) => {
        const [first, other] = [publish(referenceModel, 'first'), publish(referenceModel, 'other')];
        for (const operation of [first, other]) referenceModel.accepted(operation, `activity ${operation.n}`);
        return [recordedAs(first, 1)];
      },
      'lost',
    ],
    [
      'two effects of one key',
      (referenceModel) => {
        const [first, other] = [publish(referenceModel, 'first'), publish(referenceModel, 'other')];
        for (const operation of [first, other]) referenceModel.accepted(operation, `activity ${operation.n}`);
        return [recordedAs(first, 1), recordedAs(other, 2)];
      },
      'doubled',
    ],
    [
      'a rejection and an effect of one command',
      (referenceModel) => {
        const first = publish(referenceModel, 'first');
        referenceModel.accepted(first, 'activity 1');
        return [recordedAs(first, 1), rejectedAs(first, 2, 'rookery.post.published.v1')];
      },
      'doubled',
    ],
    [
      'a rejection whose key stands for nothing else',
      (referenceModel) => {
        const first = publish(referenceModel, 'first');
        referenceModel.accepted(first, 'activity 1');
        return [rejectedAs(first, 1, 'rookery.post.published.v1')];
      },
      'wrong',
    ],
    [
      'a rejection of a command without a key',
      (referenceModel) => {
        const first = publish(referenceModel, 'first', null);
        referenceModel.accepted(first, 'activity 1');
        return [rejectedAs(first, 1, 'rookery.post.published.v1')];
      },
      'wrong',
    ],
    [
      'a rejection that names another verb',
      (referenceModel) => {
        const [first, other] = [publish(referenceModel, 'first'), publish(referenceModel, 'other')];
        for (const operation of [first, other]) referenceModel.accepted(operation, `activity ${operation.n}`);
        return [recordedAs(first, 1), rejectedAs(other, 2, 'rookery.post.edited.v1')];
      },
      'wrong',
    ],
    [
      'a refused command that is recorded as rejected',
      (referenceModel) => {
        const [first, other] = [publish(referenceModel, 'first'), publish(referenceModel, 'other')];
        referenceModel.accepted(first, 'activity 1');
        other.outcome = 'failed';
        return [recordedAs(first, 1), rejectedAs(other, 2, 'rookery.post.published.v1')];
      },
      'wrong',
    ],
  ])('reports %s', (_, happen, kind) => {
    const referenceModel = new ReferenceModel();
    const settled = referenceModel.settle(happen(referenceModel));
    const { lost, doubled, wrong } = settled;
    expect({ lost, doubled, wrong }).toEqual({ ...nothing, [kind]: [expect.any(String)] });
  });

  it('accepts that a text lacks somebody whom it mentions, but nobody else, and not that all texts do', () => {
    const mentioning = (recorded: (n: number) => object, texts = 10) => {
      const referenceModel = new ReferenceModel();
      const events = Array.from({ length: texts }, (_, i) => {
        const operation = { ...publish(referenceModel, '@ben', null), mentions: ['ben'] };
        referenceModel.operations[i] = operation;
        return recordedAs(operation, i + 1, { data: { body: '@ben', ...recorded(i) } });
      });
      return referenceModel.settle(events);
    };
    const found = mentioning((i) => (i === 0 ? { mentions: ['ben'] } : {}));
    expect(found).toMatchObject(nothing);
    expect(found.facts[0]?.event.data).toEqual({ body: '@ben', mentions: ['ben'] });
    expect(found.facts[1]?.event.data).toEqual({ body: '@ben' });
    expect(mentioning(() => ({ mentions: ['cyd'] }), 1).wrong).toEqual([
      expect.stringContaining('other data than was sent'),
    ]);
    expect(mentioning(() => ({})).wrong).toEqual(['nobody is mentioned by any of 10 texts']);
  });

  it('accepts that a quote names the author of the quoted post or nobody, and not that all quotes name nobody', () => {
    const quoting = (recorded: (n: number) => object, quotes = 10) => {
      const referenceModel = new ReferenceModel();
      const quoted = publish(referenceModel, 'first', null);
      const events = Array.from({ length: quotes }, (_, i) => {
        const data = { body: 'second', quoted: 'activity 1' };
        const operation = { ...publish(referenceModel, '', null), data };
        referenceModel.operations[i + 1] = operation;
        return recordedAs(operation, i + 2, { data: { ...data, ...recorded(i) } });
      });
      return referenceModel.settle([recordedAs(quoted, 1), ...events]);
    };
    expect(quoting((i) => (i === 0 ? { quotedAuthor: ann } : {}))).toMatchObject(nothing);
    expect(quoting(() => ({ quotedAuthor: 'ben' }), 1).wrong).toEqual([
      expect.stringContaining('another author of the quoted post'),
    ]);
    expect(quoting(() => ({})).wrong).toEqual(['nobody has consented to any of 10 quotes']);
  });

  it('accepts one id for each muted word of a person, and answers to reporters alone', () => {
    const settle = (...done: [action: Action, subject: string | null, data: object, found: object][]) => {
      const referenceModel = new ReferenceModel();
      const events = done.map(([action, sent, data, found], i) => {
        const operation = referenceModel.begin({
          ...{ actor: ann, action, subject: sent, data: data as Operation['data'], key: null },
        });
        operation.requests.push(`request ${operation.n}`);
        return recordedAs(operation, i + 1, { type: actions[action].event, ...found });
      });
      return referenceModel.settle(events).wrong;
    };
    const mute = (word: string, subject: string) =>
      ['mute word', null, { word }, { subject, data: { word } }] as const;
    expect(settle([...mute('rook', 'one')], [...mute('crow', 'two')], [...mute('rook', 'one')])).toEqual([]);
    const otherId = [expect.stringContaining('another id of a muted word')];
    expect(settle([...mute('rook', 'one')], [...mute('crow', 'one')])).toEqual(otherId);
    expect(settle([...mute('rook', 'one')], [...mute('rook', 'two')])).toEqual(otherId);

    const report = { about: 'POST', category: 'SPAM' };
    const answer = { outcome: 'NO_VIOLATION', reason: 'Satire.' };
    const answered = (reporters: readonly string[]) =>
      settle(
        ['report post', 'post', report, { subject: 'post' }],
        ['resolve reports', 'post', answer, { subject: 'post', data: { ...answer, reporters } }],
      );
    expect(answered([ann])).toEqual([]);
    expect(answered([ann, 'ben'])).toEqual([expect.stringContaining('somebody who has not reported')]);
  });
});
