import { setTimeout } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { createLog, newId } from '@rookery/service';
import { openDocuments } from '@rookery/stores/documents';
import type { Probe } from './pace.ts';

/*
 * A thread that reads a little, again and again, and tells how long that took: see pace.ts.
 */

/** Milliseconds between two reads. */
const every = 15;
const { url } = workerData as { readonly url: string };
const documents = openDocuments(url, { log: createLog('probe', 'silent') });
const users = documents.collection('users');
const ids = Array.from({ length: 20 }, newId);

for (;;) {
  const start = performance.now();
  try {
    await users.getMany(ids);
    parentPort?.postMessage({ took: performance.now() - start } satisfies Probe);
  } catch {
    // A store that is away is found out by those who work with it.
  }
  await setTimeout(every);
}
