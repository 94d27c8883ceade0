import { type Alert, alerts } from './alerts.ts';
import { burns, longWindows, minimumBad, type Slo, slos, windows } from './slos.ts';

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** An alerting rule, as Prometheus reads it. */
export interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface RuleGroup {
  readonly name: string;
  readonly interval?: string;
  readonly rules: readonly (RecordingRule | AlertingRule)[];
}

/** Folder of the runbooks, from the root of the repository. */
export const runbooks = 'docs/how-to/runbooks';

const errorRatio = (window: string): string => `rookery:slo_errors:ratio_rate${window}`;

const badEvents = (window: string): string => `rookery:slo_errors:increase${window}`;

const recordings = ({ name: slo, objective, total, bad }: Slo): RecordingRule[] => [
  {
    record: 'rookery:slo_budget:ratio',
    expr: `vector(${Number((1 - objective).toFixed(6))})`,
    labels: { slo },
  },
  ...windows.map((window) => ({
    record: errorRatio(window),
    expr: `${bad(window)} / ${total(window)}`,
    labels: { slo },
  })),
  ...Object.entries(longWindows).map(([window, seconds]) => ({
    record: badEvents(window),
    expr: `${bad(window)} * ${seconds}`,
    labels: { slo },
  })),
];

/** CamelCase of a name in kebab case. */
const camel = (name: string): string =>
  name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());

const burnAlerts = ({ name: slo, about, objective }: Slo): Alert[] => {
  const budget = Number((1 - objective).toFixed(6));
  const burning = (pairs: (typeof burns)[keyof typeof burns]): string =>
    pairs
      .map(({ long, short, factor }) => {
        const limit = Number((factor * budget).toFixed(6));
        return [
          ...[long, short].map((window) => `${errorRatio(window)}{slo="${slo}"} > ${limit}`),
          `${badEvents(long)}{slo="${slo}"} >= ${minimumBad}`,
        ].join(' and ');
      })
      .map((pair) => `(${pair})`)
      .join(' or ');
  const common = {
    runbook: `slo-${slo}`,
    summary: `{{ $value | humanizePercentage }} are bad, and the objective allows ${Number((budget * 100).toFixed(4))} %; good are ${about}`,
  };
  return [
    {
      ...common,
      name: `Rookery${camel(slo)}BurnsFast`,
      severity: 'page',
      expr: burning(burns.fast),
      for: '2m',
    },
    {
      ...common,
      name: `Rookery${camel(slo)}BurnsSlowly`,
      severity: 'ticket',
      expr: burning(burns.slow),
      for: '15m',
    },
  ];
};

const alertingRule = ({ name, severity, expr, for: holds, summary, runbook }: Alert): AlertingRule => ({
  alert: name,
  expr,
  ...(holds === undefined ? {} : { for: holds }),
  labels: { severity },
  annotations: { summary, runbook_url: `${runbooks}/${runbook}.md` },
});

/** All recording and alerting rules. */
export const ruleGroups: readonly RuleGroup[] = [
  { name: 'rookery-slo', interval: '30s', rules: slos.flatMap(recordings) },
  { name: 'rookery-slo-alerts', rules: slos.flatMap(burnAlerts).map(alertingRule) },
  { name: 'rookery-alerts', rules: alerts.map(alertingRule) },
];
