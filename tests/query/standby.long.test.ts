import { openDocuments } from '@rookery/document-store';
import { type CheckpointDoc, projections } from '@rookery/read-models';
import { createLog } from '@rookery/runtime';
import { expect, it } from 'vitest';
import { eventuallyPasses } from '../support/eventually-passes.ts';
import { freshPostgres } from '../support/index.ts';
import { codes, startQueryWorld } from '../support/systems/query-world.ts';

it('a standby is read once every projection of it has been fed, and tells whether it could be', async () => {
  await using primary = await freshPostgres();
  await using second = await freshPostgres();
  await using opened = new AsyncDisposableStack();
  const log = createLog('test', 'silent');
  const standby = opened.adopt(await openDocuments(second.url, { log }), (documents) => documents.close());
  await standby.prepare();
  const feed = (names: readonly string[]) =>
    standby.collection<CheckpointDoc>('progress').putMany(
      names.map((id) => ({
        id,
        revision: 0,
        doc: { position: 3, at: new Date(0).toISOString(), epoch: 0 },
      })),
    );
  await using two = await startQueryWorld({ DOCUMENTS_URL: primary.url, DOCUMENTS_STANDBY_URL: second.url });
  const ask = () => two.ask('{ user(handle: "ada") { id } }');
  const usable = () => two.metric('rookery_query_standby_usable');
  await primary.kill();
  await feed(projections.slice(1));
  // Items that one projection has not received yet would be missing, and their absence taken for the truth.
  expect(codes(await ask())).toEqual(['SERVICE_UNAVAILABLE']);
  expect(await usable()).toBe(0);
  await feed(projections.slice(0, 1));
  await eventuallyPasses(async () => expect(await usable()).toBe(1));
  await eventuallyPasses(async () => expect(codes(await ask())).toBeUndefined());
});
