import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arbitraryOf } from '../../tests/support/events/arbitrary.ts';
import {
  type EventData,
  type EventKind,
  type EventName,
  eventKinds,
  MalformedEventError,
  makeEvent,
  type NewEvent,
  readEnvelope,
  readEvent,
  rejectionOf,
  UnknownEventVersionError,
  writeEvent,
} from './index.ts';
import { rejections } from './kinds/command-rejected.ts';

const optional = <T extends object>(record: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(record, { requiredKeys: [] });

const kinds = Object.values<EventKind>(eventKinds);

/** Data of a kind, as its validator accepts it. A rejection names an event that exists. */
const dataOf = ({ name, data }: EventKind): fc.Arbitrary<unknown> =>
  name === 'rookery.command.rejected'
    ? fc.record({
        type: fc.constantFrom('rookery.post.liked.v1', 'rookery.post.published.v1'),
        reason: fc.constantFrom(...rejections),
      })
    : arbitraryOf(data);

const word = fc.string({ minLength: 1, maxLength: 200 });
const time = fc
  .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());

const newEvent = fc.constantFrom(...kinds).chain((kind) =>
  fc
    .tuple(
      fc.record({
        id: fc.uuid({ version: [7, 8] }),
        subject: fc.uuid(),
        actor: fc.uuid(),
        time,
        data: dataOf(kind) as fc.Arbitrary<EventData<EventName>>,
      }),
      optional({ idempotencykey: word, inputhash: word, requestid: word, traceparent: word }),
    )
    .map(
      ([required, extensions]): NewEvent<EventName> => ({
        name: kind.name as EventName,
        ...required,
        ...extensions,
      }),
    ),
);

test('each name, verb and example belongs to one kind of event', () => {
  const verbs = kinds.map(({ verb }) => verb);
  expect(new Set(verbs).size).toBe(kinds.length);
  expect(new Set(kinds.map(({ name }) => name)).size).toBe(kinds.length);
  for (const { data, example } of kinds) expect(data.parse(example)).toEqual(example);
});

test('an event comes back the same from the form in which it travels', () => {
  fc.assert(
    fc.property(newEvent, (given) => {
      const event = makeEvent(given);
      expect(event).toMatchObject(given);
      expect(readEvent(JSON.parse(JSON.stringify(writeEvent(event))))).toEqual(event);
      expect(writeEvent(event)).not.toHaveProperty('verb');
    }),
  );
});

test('no input makes reading fail with anything but its own two errors', () => {
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.record({ type: fc.string(), data: fc.anything() })), (input) => {
      expect(() => readEvent(input)).toThrow(MalformedEventError);
    }),
  );
});

const liked = {
  specversion: '1.0',
  id: '0192f0c3-1248-7a18-b0c4-6f1e2d3a4b18',
  source: 'rookery/mutation',
  type: 'rookery.post.liked.v1',
  subject: '0192f0c2-1c5f-7b88-a3d9-52e6f1047c03',
  time: '2026-03-14T09:26:20.588Z',
  datacontenttype: 'application/json',
  actor: '0192f0c1-7a10-7c3e-9a51-3b6d2f5e8a01',
  data: {},
};

describe('a malformed event', () => {
  test.each([
    ['another specversion', { specversion: '0.3' }],
    ['an id that is none', { id: 'one' }],
    ['a type outside the naming rule', { type: 'post.liked' }],
    ['a type without version', { type: 'rookery.post.liked' }],
    ['a time without milliseconds', { time: '2026-03-14T09:26:20Z' }],
    ['a time with an offset', { time: '2026-03-14T10:26:20.588+01:00' }],
    ['an attribute that nobody knows', { extra: 1 }],
    ['an empty idempotency key', { idempotencykey: '' }],
    ['a missing actor', { actor: undefined }],
  ])('%s: malformed, and the recorder sees it too', (_, change) => {
    expect(() => readEvent({ ...liked, ...change })).toThrow(MalformedEventError);
    expect(() => readEnvelope({ ...liked, ...change })).toThrow(MalformedEventError);
  });

  test('data of another shape: malformed to readers, while the envelope can be recorded', () => {
    const wrong = { ...liked, data: { body: 'nothing belongs here' } };
    expect(() => readEvent(wrong)).toThrow(MalformedEventError);
    expect(readEnvelope(wrong)).toEqual(wrong);
  });
});

describe('an event of a newer build', () => {
  test.each(['rookery.post.liked.v2', 'rookery.post.liked.v10', 'rookery.poll.opened.v1'])(
    '%s: recorded as it is, and never skipped by a reader',
    (type) => {
      const newer = { ...liked, type, data: { anything: true } };
      expect(readEnvelope(newer)).toEqual(newer);
      expect(() => readEvent(newer)).toThrow(UnknownEventVersionError);
    },
  );

  test('version 0 never existed', () => {
    expect(() => readEvent({ ...liked, type: 'rookery.post.liked.v0' })).toThrow(UnknownEventVersionError);
  });
});

test('a rejection has the id and the verb of the event that it stands for, and nothing of its data or key', () => {
  fc.assert(
    fc.property(newEvent, (given) => {
      const event = makeEvent(given);
      if (event.name === 'rookery.command.rejected') return;
      const rejection = readEvent(rejectionOf(writeEvent(event), 'IDEMPOTENCY_KEY_REUSED'));
      const { id, actor, subject, time, verb } = event;
      expect(rejection).toMatchObject({ name: 'rookery.command.rejected', id, actor, subject, time, verb });
      expect(rejection).not.toHaveProperty('idempotencykey');
      expect(rejection.data).toEqual({ type: event.type, reason: 'IDEMPOTENCY_KEY_REUSED' });
    }),
  );
});

test('a rejection of what nobody knows, or of a rejection, is not read', () => {
  const reject = (type: string) =>
    readEvent({ ...writeEvent(makeEvent({ ...sample, data: { type, reason: 'IDEMPOTENCY_KEY_REUSED' } })) });
  const sample = {
    name: 'rookery.command.rejected',
    id: '0192f0c2-1c5f-7b88-a3d9-52e6f1047c03',
    subject: '0192f0c2-1c5f-7b88-a3d9-52e6f1047c03',
    actor: '0192f0c2-1c5f-7b88-a3d9-52e6f1047c03',
    time: '2026-03-14T09:26:21.629Z',
  } as const;
  expect(() => reject('rookery.poll.opened.v1')).toThrow(UnknownEventVersionError);
  expect(() => reject('rookery.command.rejected.v1')).toThrow(MalformedEventError);
});
