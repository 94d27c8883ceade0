import { dashboards } from './dashboards/index.ts';
import { analyze } from './expression.ts';
import { type Metric, type Series, seriesOf } from './metrics-table.ts';
import {
  type AlertingRule,
  type RecordingRule,
  type RuleGroup,
  ruleGroups,
  runbooks,
} from './rules/rules.ts';

const isAlert = (rule: RecordingRule | AlertingRule): rule is AlertingRule => 'alert' in rule;

/** Returns what is wrong with an expression and a text that names labels of its result. */
const problemsOf = (
  expr: string,
  text: string,
  labelsIn: RegExp,
  known: ReadonlyMap<string, Series>,
): string[] => {
  const { problems, labels } = analyze(expr, known);
  const missing = [...text.matchAll(labelsIn)]
    .map(([, label = '']) => label)
    .filter((label) => !labels.has(label))
    .map((label) => `"${text}" names the label ${label}, which the result lacks`);
  return [...problems, ...missing];
};

/** Returns the series of the metrics, and those that the recording rules make of them. */
const withRecorded = (
  metrics: ReadonlyMap<string, Metric>,
  groups: readonly RuleGroup[],
): ReadonlyMap<string, Series> => {
  const recorded = groups
    .flatMap(({ rules }) => rules)
    .flatMap((rule): [string, Series][] =>
      isAlert(rule) ? [] : [[rule.record, { labels: new Set(Object.keys(rule.labels)), isCounter: false }]],
    );
  return new Map([...seriesOf(metrics), ...recorded]);
};

/** Finds panels and rules that could never show or alert anything, because a metric or a label does not exist. */
export const expressionFindings = (
  metrics: ReadonlyMap<string, Metric>,
  { panels = dashboards, groups = ruleGroups } = {},
): string[] => {
  const known = withRecorded(metrics, groups);
  const ofPanels = panels.flatMap(({ name, sections }) =>
    sections.flatMap((section) =>
      section.panels.flatMap(({ title, queries }) =>
        queries.flatMap(({ expr, legend }) =>
          problemsOf(expr, legend, /\{\{(\w+)\}\}/g, known).map(
            (text) => `${name}, panel "${title}": ${text}`,
          ),
        ),
      ),
    ),
  );
  const ofRules = groups
    .flatMap(({ rules }) => rules)
    .flatMap((rule) => {
      const [name, text] = isAlert(rule) ? [rule.alert, rule.annotations.summary ?? ''] : [rule.record, ''];
      return problemsOf(rule.expr, text, /\$labels\.(\w+)/g, known).map((problem) => `${name}: ${problem}`);
    });
  return [...ofPanels, ...ofRules];
};

/** A file for `promtool test rules`, as far as it is read here. */
export interface RuleTests {
  readonly tests: readonly {
    readonly alert_rule_test?: readonly {
      readonly alertname: string;
      readonly exp_alerts?: readonly unknown[];
    }[];
  }[];
}

/** Finds alerts of which no test shows that they fire, that they first do not, and that they clear. */
export const ruleTestFindings = (files: readonly RuleTests[], groups = ruleGroups): string[] => {
  const firings = (alert: string): boolean[][] =>
    files
      .flatMap(({ tests }) => tests)
      .map(({ alert_rule_test: checks = [] }) =>
        checks
          .filter(({ alertname }) => alertname === alert)
          .map(({ exp_alerts: expected = [] }) => expected.length > 0),
      );
  return groups
    .flatMap(({ rules }) => rules)
    .filter(isAlert)
    .filter(({ alert, labels: { severity } }) => {
      const wanted = severity === 'none' ? 'true' : 'false,true,false';
      return !firings(alert).some((fires) => fires.join() === wanted);
    })
    .map(
      ({ alert }) =>
        `${alert}: no test in deploy/observability/prometheus/tests shows that it is quiet, fires, and clears`,
    );
};

/** Headings that each runbook has, in this order. */
const headings = ['Meaning', 'Effect', 'Check', 'Act'];

/** Runbooks by their paths from the root of the repository. */
export type Pages = ReadonlyMap<string, string>;

/** Finds alerts without a runbook that names them, and runbooks without an alert. */
export const runbookFindings = (pages: Pages, groups = ruleGroups): string[] => {
  const alerting = groups.flatMap(({ rules }) => rules).filter(isAlert);
  const linked = new Set(alerting.map(({ annotations }) => annotations.runbook_url ?? ''));
  const index = `${runbooks}/README.md`;
  return [
    ...alerting.flatMap(({ alert, annotations: { runbook_url: page = '' } }) => {
      const text = pages.get(page);
      if (text === undefined) return [`${alert}: there is no runbook ${page}`];
      return [
        ...(text.includes(`\`${alert}\``) ? [] : [`${page} does not name ${alert}`]),
        ...(pages.get(index)?.includes(`\`${alert}\``) ? [] : [`${index} does not list ${alert}`]),
      ];
    }),
    ...[...pages].flatMap(([page, text]) => {
      if (page === index) return [];
      if (!linked.has(page)) return [`${page}: no alert links to it`];
      const found = [...text.matchAll(/^## (.+)$/gm)].map((match) => match[1]);
      return found.join() === headings.join() ? [] : [`${page}: its headings must be ${headings.join(', ')}`];
    }),
  ];
};
