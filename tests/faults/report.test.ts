import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { useServers } from '../support/index.ts';
import { readTraces } from './add-up.ts';
import { tellings } from './check/secrets.ts';
import { summarize } from './report.ts';
import type { EpisodeReport } from './run.ts';
import { openTrace } from './trace.ts';

const episode = (more: Partial<EpisodeReport>): EpisodeReport => ({
  matrixSeed: 1,
  seed: 1,
  pace: 1,
  scheduled: ['kill-query'],
  fired: { 'kill-query': 1 },
  broken: [],
  checked: { I1: 2 },
  operations: { ok: 10, failed: 1, unknown: 2 },
  unknownApplied: 1,
  events: 11,
  lost: 0,
  doubled: 0,
  deliveries: 5,
  reconnects: 1,
  figures: { 'recovery after kill-query': [100, 300] },
  seconds: 20,
  ...more,
});

it('adds up what several runs have shown, also those that were killed on their way', () => {
  const dir = mkdtempSync(join(useServers().dir, 'traces-'));
  const [one, other] = ['one', 'other'].map((name) => openTrace(dir, name));
  const broken = [{ invariant: 'I4', what: 'behind', during: 'queue-down' }];
  one?.write('episode', episode({}));
  one?.write('episode', episode({ matrixSeed: 2, lost: 1, broken }));
  other?.write('episode', episode({ figures: { 'recovery after kill-query': [200] } }));
  other?.write('not run', { fault: 'queue-full', why: 'no port' });
  const files = [one?.file ?? '', other?.file ?? ''];
  appendFileSync(files[1] ?? '', readFileSync(files[0] ?? '', 'utf8').slice(0, 60));
  expect(summarize(readTraces(files))).toMatchObject({
    seeds: [1, 2],
    systems: 3,
    passed: false,
    acknowledged: 30,
    lost: 1,
    scheduled: { 'kill-query': 3 },
    checked: { I1: 6 },
    figures: { 'recovery after kill-query': { median: 200, most: 300, n: 5 } },
    broken,
    notRun: [{ fault: 'queue-full' }],
    seconds: 60,
  });
  const whole = join(dir, 'whole.jsonl');
  writeFileSync(whole, `${readFileSync(files[0] ?? '', 'utf8').split('\n')[0]}\n`);
  expect(summarize(readTraces([whole])).passed).toBe(true);
});

it.each([
  ['connect ECONNREFUSED 10.0.0.7', 1],
  ['no answer from 127.0.0.1:4001', 1],
  ['postgres://app@db/main', 1],
  ['boom\\n    at run (/srv/app/main.ts:10:3)', 1],
  ['The service is not available just now. Try again in 2 s.', 0],
])('an answer that says %j tells %i things', (text, n) => {
  expect(tellings(text)).toHaveLength(n);
});
