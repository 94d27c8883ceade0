import { type Mutant, mutant } from './define.ts';

/** Mistakes in loading a network in bulk. */
export const bulkMutants: readonly Mutant[] = [
  mutant(
    'a bulk load leaves its events to the queue',
    { tests: 'tests/demo/bulk', named: 'is loaded beside a running system' },
    'demo/src/bulk/load.ts',
    '  if (last) await queue.skipRecorded(last);\n',
    '',
  ),
  mutant(
    'a bulk load that skips a part of RECORDED keeps its consumers',
    { tests: 'tests/demo/bulk', named: 'is loaded beside a running system' },
    'packages/message-queue/src/skip-sequences.ts',
    '    await deleteConsumer(clients, recordedStream, name);\n',
    '    if (name === "") await deleteConsumer(clients, recordedStream, name);\n',
  ),
  mutant(
    'a bulk load that is resumed starts over',
    { tests: 'tests/demo/bulk', named: 'built in bulk equal those of the same events' },
    'demo/src/bulk/load.ts',
    'const isNew = !(await isRecorded(batch));',
    'const isNew = true;',
  ),
];
