import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Found, judge, verdictText } from './verdict.ts';

const step = (name: 'recorder' | 'feeds', more: object = {}) => ({
  name,
  state: 'working' as const,
  behind: 0,
  lateMs: 0,
  perSecond: null,
  secondsLeft: 0,
  ...more,
});

const flowOf = (...steps: ReturnType<typeof step>[]): Found['flow'] => ({
  flowing: true,
  behind: 0,
  lateMs: 0,
  perSecond: null,
  secondsLeft: 0,
  queue: true,
  steps,
});

const calm: Found = {
  parts: [
    { kind: 'server', name: 'postgres', ok: true },
    { kind: 'process', name: 'gateway', ok: true },
  ],
  fallbacks: [{ name: 'dead letters', state: '0', about: '', well: true }],
  flow: flowOf(step('recorder'), step('feeds')),
  streams: [{ queue: 'first', stream: 'ACTIVITY', state: 'ok' }],
  head: 12_034,
  deadLetters: 0,
  audit: { passed: true, flaw: null, at: new Date('2026-11-30T02:00:00Z') },
};

describe('the verdict of ops status', () => {
  it('of a calm system has nothing to do', () => {
    expect(verdictText(judge(calm))).toBe(
      [
        'well   yes',
        'late   nothing',
        'lost   nothing: 12,034 events are recorded, 0 wait in the queue, none is set aside; the audit of 2026-11-30 passed',
        'to do  nothing',
      ].join('\n'),
    );
  });

  it('of a backlog tells how late it is, and is well', () => {
    const late = { behind: 5_000, lateMs: 90_000, perSecond: 100, secondsLeft: 50 };
    const flow = {
      ...flowOf(step('recorder', { behind: 3 }), step('feeds', late)),
      behind: 5_003,
      secondsLeft: 50,
    };
    expect(judge({ ...calm, flow })).toMatchObject({
      isWell: true,
      late: 'recorder by 3 events (0 s), feeds by 5,000 events (90 s); 50 s left',
      lost: 'nothing',
      toDo: ['feeds is late: docs/how-to/runbooks/read-model-late.md'],
    });
  });

  it.each<[string, Partial<Found>, string, Found['deadLetters'] | string]>([
    [
      'a dead recorder',
      { flow: flowOf(step('recorder', { state: 'stopped', behind: 7 })) },
      'nothing',
      'write-path-stopped',
    ],
    [
      'a process that is down',
      { parts: [{ kind: 'process', name: 'query', ok: false }] },
      'nothing',
      'process-unreachable',
    ],
    [
      'dead letters',
      { deadLetters: 2, fallbacks: [{ name: 'dead letters', state: '2', about: '', well: false }] },
      'set aside',
      'dead-letters',
    ],
    [
      'an event store that is down',
      { head: undefined, audit: 'unknown', parts: [{ kind: 'server', name: 'postgres', ok: false }] },
      'unknown',
      'event-store-unreachable',
    ],
    [
      'a queue that is down',
      {
        flow: { ...flowOf(), queue: false, behind: null },
        parts: [{ kind: 'server', name: 'nats', ok: false }],
      },
      'unknown',
      'queue-unreachable',
    ],
    [
      'a full stream',
      { streams: [{ queue: 'first', stream: 'ACTIVITY', state: 'NEARLY FULL' }] },
      'nothing',
      'queue-nearly-full',
    ],
    [
      'a failed audit',
      { audit: { passed: false, flaw: 'position 7 edited', at: new Date(0) } },
      'altered',
      'audit-failed',
    ],
    [
      'a standby in use',
      { fallbacks: [{ name: 'standby documents', state: 'IN USE', about: '', well: false }] },
      'nothing',
      'reads-standby',
    ],
  ])('of %s names what is lost and a runbook that exists', (_, found, lost, page) => {
    const verdict = judge({ ...calm, ...found });
    expect(verdict).toMatchObject({ isWell: false, lost });
    expect(verdict.toDo).toEqual([expect.stringMatching(new RegExp(`: docs/how-to/runbooks/${page}\\.md$`))]);
    const [, path = ''] = /: (docs\S+)$/.exec(verdict.toDo[0] ?? '') ?? [];
    expect(existsSync(resolve(import.meta.dirname, '../..', path)), path).toBe(true);
  });

  it('repeats no runbook', () => {
    const parts = ['query', 'mutation'].map((name) => ({ kind: 'process', name, ok: false }));
    expect(judge({ ...calm, parts }).toDo).toEqual([
      'process query is down, process mutation is down: docs/how-to/runbooks/process-unreachable.md',
    ]);
  });
});
