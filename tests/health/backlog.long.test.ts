import { openDocuments } from '@rookery/document-store';
import { openQueue, type Queue } from '@rookery/message-queue';
import { type CheckpointDoc, projections } from '@rookery/read-models';
import { createLog } from '@rookery/runtime';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sampleEvent } from '../support/events/sample-events.ts';
import { eventually } from '../support/eventually.ts';
import { type Account, lockTable, type System, startSystem, untilGatewayReads } from '../support/index.ts';

/** More than any process waited for before it called itself ready. */
const backlog = 3_000;

let system: System;
let queue: Queue;
let ada: Account;
const log = createLog('test', 'silent');

beforeAll(async () => {
  system = await startSystem({ processes: ['gateway', 'mutation', 'recorder', 'projector'] });
  queue = openQueue({
    url: system.servers.nats.url,
    replicas: 1,
    maxBytes: 64_000_000,
    ackTimeoutMs: 5_000,
    log,
  });
  ada = await system.signUp();
}, 120_000);
afterAll(async () => {
  await queue.close();
  await system.stop();
});

const flow = async () =>
  (await (await fetch(`${system.urls.query}/health/flow`)).json()) as {
    behind: number;
    lateMs: number;
    steps: { name: string; behind: number; perSecond: number | null }[];
  };

const ask = async (query: string) => {
  const response = await fetch(system.graphqlUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${ada.token}` },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as {
    data?: Record<string, unknown>;
    errors?: unknown;
    extensions?: Record<string, unknown>;
  };
};

/** Waits until each projection has the first event, which is her sign-up. */
const isProjected = async (): Promise<void> => {
  const documents = await openDocuments(system.documentsUrl, { log });
  const checkpoints = documents.collection<CheckpointDoc>('progress');
  try {
    await eventually(
      async () => {
        const known = await checkpoints.getMany(projections);
        return projections.every((name) => (known.get(name)?.doc.position ?? 0) >= 1);
      },
      { what: 'the sign-up is projected' },
    );
  } finally {
    await documents.close();
  }
};

it('each process that reads events becomes ready with a backlog, takes writes, and answers reads as stale', {
  timeout: 300_000,
}, async () => {
  await isProjected();
  for (const name of ['mutation', 'projector'] as const) await system.kill(name);
  for (let sent = 0; sent < backlog; sent += 500)
    await Promise.all(Array.from({ length: 500 }, () => queue.publish(sampleEvent())));
  await eventually(async () => (await queue.consumer('recorder')).waiting === 0, { what: 'all recorded' });

  // Each start waits for readiness. Without a projector nothing of the backlog is worked off meanwhile.
  for (const name of ['mutation', 'query'] as const) await system.start(name);
  // The breakers of the gateway have met neither.
  await untilGatewayReads(system.graphqlUrl);
  const before = await flow();
  expect(before.behind).toBeGreaterThanOrEqual(backlog);
  expect(before.lateMs).toBeGreaterThan(0);
  expect(before.steps.map(({ name }) => name)).toEqual(['recorder', ...projections]);

  const read = await ask('{ me { handle } }');
  expect(read).toEqual({ data: { me: { handle: ada.handle } } });
  const written = await ask(
    'mutation { updateProfile(input: { bio: "behind" }) { user { id handle bio } activity { id status } } }',
  );
  expect(written).toMatchObject({
    data: { updateProfile: { activity: { status: 'QUEUED' }, user: { handle: ada.handle } } },
    extensions: { stale: true },
  });

  const rateOfActivities = async () =>
    (await flow()).steps.find(({ name }) => name === 'activities')?.perSecond ?? undefined;
  // The projector is ready although one of its projections can apply nothing, and tells its rate of 0.
  {
    await using _activities = await lockTable(system.env.DOCUMENTS_URL ?? '', 'documents.activities');
    await system.start('projector');
    expect((await flow()).behind).toBeGreaterThanOrEqual(backlog);
    await eventually(async () => (await rateOfActivities()) === 0, { what: 'a rate of 0' });
  }
  // The rate is known for ten seconds after the last event.
  await eventually(async () => ((await rateOfActivities()) ?? 0) > 0, { what: 'a rate' });
  await eventually(async () => (await flow()).behind === 0, { within: 180_000, what: 'the backlog is gone' });
  expect(await flow()).toMatchObject({ perSecond: expect.any(Number), secondsLeft: 0 });
  await eventually(async () => JSON.stringify(await ask('{ me { bio } }')).includes('behind'));
});
