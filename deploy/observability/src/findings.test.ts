import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { dashboards } from './dashboards/index.ts';
import { generatedFiles } from './files.ts';
import { expressionFindings, ruleTestFindings, runbookFindings } from './findings.ts';
import { readMetricsTable } from './metrics-table.ts';
import { type RuleGroup, ruleGroups } from './rules/rules.ts';

const clone = resolve(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(clone, path), 'utf8');
const metrics = readMetricsTable(read('docs/reference/metrics.md'));

/** Returns the findings about one expression in a panel, and about the same in an alert. */
const findingsOf = (expr: string, legend = ''): string[] => {
  const panel = { title: 'p', about: '', unit: 'count' as const, queries: [{ expr, legend }] };
  const panels = [{ name: 'd', title: '', about: '', sections: [{ title: '', panels: [panel] }] }];
  const groups: RuleGroup[] = [
    ...ruleGroups.slice(0, 1),
    { name: 'g', rules: [{ alert: 'A', expr, labels: {}, annotations: {} }] },
  ];
  const inPanel = expressionFindings(metrics, { panels, groups: ruleGroups.slice(0, 1) });
  if (legend === '')
    expect(
      expressionFindings(metrics, { panels: [], groups }).map((text) => text.replace(/^A: /, '')),
    ).toEqual(inPanel.map((text) => text.replace(/^d, panel "p": /, '')));
  return inPanel.map((text) => text.replace(/^d, panel "p": /, ''));
};

describe('the check of expressions', () => {
  it('knows every metric and label of all panels and rules', () => {
    expect(expressionFindings(metrics)).toEqual([]);
  });

  it.each([
    ['sum(rate(rookery_gateway_request_total[$window]))', 'there is no metric rookery_gateway_request_total'],
    ['rookery_gateway_request_seconds', 'there is no metric rookery_gateway_request_seconds'],
    [
      'rookery_projector_lag_events{projektion="feeds"}',
      'rookery_projector_lag_events has no label projektion',
    ],
    [
      'max by (step) (rookery_projector_lag_events)',
      'no label step in "max by (step) (rookery_projector_lag_events)"',
    ],
    [
      'sum by (le) (rate(rookery_gateway_request_seconds_count[$window]))',
      'no label le in "sum by (le) (rate(rookery_gateway_request_seconds_count[5m]))"',
    ],
    [
      'histogram_quantile(0.9, sum by (type) (rate(rookery_gateway_request_seconds_bucket[$window])))',
      'histogram_quantile without the label le',
    ],
    ['rate(rookery_gateway_sockets[$window])', 'rate of rookery_gateway_sockets, which is no counter'],
    [
      'rookery:slo_errors:ratio_rate1h / on (process) rookery:slo_budget:ratio',
      'no label process in "rookery:slo_errors:ratio_rate1h / on (process) rookery:slo_budget:ratio"',
    ],
    ['rookery:slo_errors:ratio_rate4h', 'there is no metric rookery:slo_errors:ratio_rate4h'],
    ['sum(up', 'cannot be parsed at "(up"'],
  ])('%s', (expr, finding) => {
    expect(findingsOf(expr)).toContain(finding);
  });

  it('knows which labels a result has', () => {
    const sum = 'sum by (subgraph) (rate(rookery_gateway_subgraph_seconds_count[$window]))';
    expect(findingsOf(sum, '{{subgraph}}')).toEqual([]);
    expect(findingsOf(sum, '{{outcome}}')).toEqual([
      '"{{outcome}}" names the label outcome, which the result lacks',
    ]);
    expect(findingsOf(`topk(3, ${sum})`, '{{subgraph}}')).toEqual([]);
    expect(findingsOf(`sum(${sum})`, '{{subgraph}}')).toHaveLength(1);
    expect(findingsOf('min by (process) (time() - process_start_time_seconds)', '{{process}}')).toEqual([]);
    expect(findingsOf('1 - rookery:slo_errors:ratio_rate3d', '{{slo}}')).toEqual([]);
  });
});

it('every dashboard and rule is generated, with an id of its own for each panel', () => {
  for (const [path, content] of generatedFiles()) expect(read(path), path).toBe(content);
  for (const { name, sections } of dashboards) {
    const { uid, panels } = JSON.parse(read(`deploy/observability/grafana/dashboards/${name}.json`)) as {
      uid: string;
      panels: { id: number; title: string; type: string; targets?: { expr: string }[] }[];
    };
    expect(uid).toBe(`rookery-${name}`);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(panels.filter(({ type }) => type !== 'row').map(({ title }) => title)).toEqual(
      sections.flatMap((section) => section.panels.map(({ title }) => title)),
    );
    for (const { expr } of panels.flatMap(({ targets = [] }) => targets))
      expect(expr).not.toContain('$window');
  }
});

describe('the check of runbooks', () => {
  const folder = 'docs/how-to/runbooks';
  const alert = { alert: 'A', expr: '1', labels: {}, annotations: { runbook_url: `${folder}/a.md` } };
  const groups = [{ name: 'g', rules: [alert] }];
  const page = '# A\n\n`A`\n\n## Meaning\n\n## Effect\n\n## Check\n\n## Act\n';
  const index: [string, string] = [`${folder}/README.md`, '`A`'];

  it('accepts an alert with its page', () => {
    expect(runbookFindings(new Map([index, [`${folder}/a.md`, page]]), groups)).toEqual([]);
  });

  it.each<[string, [string, string][], string]>([
    ['no page', [index], `A: there is no runbook ${folder}/a.md`],
    ['another alert', [index, [`${folder}/a.md`, page.replace('`A`', '')]], `${folder}/a.md does not name A`],
    [
      'no row',
      [
        [index[0], ''],
        [`${folder}/a.md`, page],
      ],
      `${folder}/README.md does not list A`,
    ],
    [
      'no headings',
      [index, [`${folder}/a.md`, page.replace('## Act', '')]],
      `${folder}/a.md: its headings must be Meaning, Effect, Check, Act`,
    ],
    [
      'no alert',
      [index, [`${folder}/a.md`, page], [`${folder}/b.md`, page]],
      `${folder}/b.md: no alert links to it`,
    ],
  ])('finds a runbook with %s', (_, pages, finding) => {
    expect(runbookFindings(new Map(pages), groups)).toEqual([finding]);
  });
});

it('finds alerts whose tests do not show that they fire and clear', () => {
  const groups = [
    { name: 'g', rules: [{ alert: 'A', expr: '1', labels: { severity: 'page' }, annotations: {} }] },
  ];
  const file = (...fires: boolean[]) => ({
    tests: [{ alert_rule_test: fires.map((one) => ({ alertname: 'A', exp_alerts: one ? [{}] : [] })) }],
  });
  expect(ruleTestFindings([file(false, true, false)], groups)).toEqual([]);
  for (const fires of [[], [true], [false, true], [true, false]])
    expect(ruleTestFindings([file(...fires)], groups)).toHaveLength(1);
  // One story has to show all of it.
  expect(ruleTestFindings([file(false, true), file(true, false)], groups)).toHaveLength(1);
});

it('the collector samples by error, latency and chance, with components that it has', () => {
  const config = parse(read('deploy/observability/collector/tail-sampling.yaml')) as {
    [kind in 'receivers' | 'processors' | 'exporters']: Record<string, { policies?: { type: string }[] }>;
  } & { service: { pipelines: { traces: Record<'receivers' | 'processors' | 'exporters', string[]> } } };
  for (const [kind, names] of Object.entries(config.service.pipelines.traces))
    expect(names).toEqual(Object.keys(config[kind as 'receivers']));
  expect(config.processors.tail_sampling?.policies?.map(({ type }) => type)).toEqual([
    'status_code',
    'latency',
    'probabilistic',
  ]);
});
