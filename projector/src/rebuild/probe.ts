import { setTimeout } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { openDocuments } from '@rookery/document-store';
import { createLog, newId } from '@rookery/runtime';
import type { Probe } from './pace.ts';

/** A thread that repeats a small read and reports its duration: see pace.ts. */

/** Interval between reads. */
const intervalMs = 15;
const { url } = workerData as { readonly url: string };
const documents = await openDocuments(url, { log: createLog('probe', 'silent') });
const users = documents.collection('users');
const ids = Array.from({ length: 20 }, newId);

for (;;) {
  const start = performance.now();
  try {
    await users.getMany(ids);
    parentPort?.postMessage({ took: performance.now() - start } satisfies Probe);
  } catch {
    // The code that uses the store detects an outage.
  }
  await setTimeout(intervalMs);
}
