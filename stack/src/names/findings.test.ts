import { describe, expect, it } from 'vitest';
import { findingsIn } from './findings.ts';

const found = (source: string, path = 'a.ts') =>
  findingsIn(path, source).map(({ line, name }) => `${line} ${name}`);

describe('names in code', () => {
  it.each([
    ['const ledger = openAuditLog();', '1 ledger'],
    ['\n\nclass Ledger {}', '3 Ledger'],
    ['this.#ledger.add();', '1 ledger'],
    ['await store.park(event);', '1 park'],
    ['const { patience } = options;', '1 patience'],
    ['class Refusal extends Error {}', '1 Refusal'],
    ['export class Refused<T> extends RookeryError {}', '1 Refused'],
    ["new Counter({ name: 'gateway_errors_total' })", '1 gateway_errors_total'],
    ["new Counter({ name: 'rookery_gateway_errors' })", '1 rookery_gateway_errors'],
    ["new Gauge<'a'>({\n  name: 'rookery_gateway_sockets_total' })", '1 rookery_gateway_sockets_total'],
    ["new Histogram({ name: 'rookery_query_read' })", '1 rookery_query_read'],
    ["new Gauge({ name: 'rookery_parked_events' })", '1 rookery_parked_events'],
  ])('%s', (source, name) => {
    expect(found(source)).toEqual([name]);
  });

  it.each([
    ['// the ledger, a Bell\nconst auditLog = 1;'],
    ["const text = 'ledger';"],
    ['class RefusedError extends Error {}'],
    ['class Bells extends Signal {}'],
    ["new Counter({ name: 'rookery_gateway_errors_total' })"],
    ["new Histogram({ name: 'rookery_query_read_seconds' })"],
    ["new Gauge({ name: 'rookery_event_store_up' })"],
    ['new Gauge({ name, help })'],
    ["new Map({ name: 'x' })"],
  ])('accepts %s', (source) => {
    expect(found(source)).toEqual([]);
  });
});

describe('names of files and folders', () => {
  it.each([
    'a/readAfter.ts',
    'a/read_after.ts',
    'src/utils/a.ts',
    'common/a.ts',
    'Src/a.ts',
    'helpers/a.css',
  ])('%s', (path) => {
    expect(findingsIn(path, '')).toHaveLength(1);
  });

  it.each(['README.md', 'deploy/Dockerfile', '.editorconfig', 'a/read-after.test.ts', 'b/x.y.v1.json'])(
    'accepts %s',
    (path) => {
      expect(findingsIn(path, '')).toEqual([]);
    },
  );
});
