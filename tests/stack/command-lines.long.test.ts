import { itReadsItsOptions, itRefuses } from './check-command-lines.ts';

itReadsItsOptions([
  'demo',
  'bench:live',
  'bench:gateway',
  'bench:catch-up',
  'bench:writes',
  'bench:scale',
  'bench:restore',
  'bench:schema',
]);
itRefuses([
  ['demo', '--users', 'many'],
  ['demo', '--users', '1'],
  ['bench:live', '--rate', '-1'],
  ['bench:gateway', '--rounds', 'x'],
  ['bench:gateway', '--only', 'nobody'],
  ['bench:writes', '--only', 'nobody'],
  ['bench:writes', '--clients', '0'],
  ['bench:scale', '--only', 'nobody'],
  ['bench:schema', '--types', '0'],
  ['bench:scale', '--people', '1000000'],
  ['bench:scale', '--people', '200,100'],
]);
