import { type ProcessName, processNames } from '@rookery/stack';

/** One metric family of a scrape. */
export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  /** Labels of its samples, without those that every sample has; undefined if it has no sample yet. */
  readonly labels: readonly string[] | undefined;
}

/** Added by the registry (`process`) and by histograms and summaries; no metric chooses them. */
const implied: ReadonlySet<string> = new Set(['process', 'le', 'quantile']);

/** Reads the families of a scrape in the Prometheus text format. */
export const familiesOf = (text: string): Family[] => {
  const lines = text.split('\n');
  return lines.flatMap((line) => {
    const [, name, type] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    if (name === undefined || type === undefined) return [];
    const help =
      lines.find((one) => one.startsWith(`# HELP ${name} `))?.slice(`# HELP ${name} `.length) ?? '';
    const samples = lines.filter((one) => new RegExp(`^${name}(_bucket|_sum|_count)?[{ ]`).test(one));
    const labels = new Set(
      samples.flatMap((sample) => [...sample.matchAll(/[{,](\w+)="/g)].map((match) => match[1] ?? '')),
    );
    return [
      {
        name,
        type,
        help,
        labels: samples.length === 0 ? undefined : [...labels].filter((label) => !implied.has(label)).sort(),
      },
    ];
  });
};

const unitOf = ({ name, type }: Family): string => {
  if (/_seconds(_total)?$/.test(name)) return 'seconds';
  if (/_bytes$/.test(name)) return 'bytes';
  if (/_info$/.test(name)) return '';
  return type === 'counter' || type === 'histogram' || /_(events|streams|sockets|subscriptions)$/.test(name)
    ? 'count'
    : '';
};

export type Scrapes = Readonly<Record<ProcessName, readonly Family[]>>;

/** Labels of each metric as a document lists them, by name. */
export const documentedLabels = (markdown: string): ReadonlyMap<string, readonly string[]> =>
  new Map(
    [...markdown.matchAll(/^\| `(\w+)` \| \w+ \| \w* \| ([^|]*) \|/gm)].map(([, name = '', labels = '']) => [
      name,
      [...labels.matchAll(/`(\w+)`/g)].map((match) => match[1] ?? '').sort(),
    ]),
  );

const table = (families: readonly Family[], known: ReadonlyMap<string, readonly string[]>): string => {
  const rows = families
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .map((family) => {
      // A counter that has not counted yet has no sample: then its labels are those that are documented.
      const labels = family.labels ?? known.get(family.name) ?? [];
      const cells = [
        `\`${family.name}\``,
        family.type,
        unitOf(family),
        labels.map((label) => `\`${label}\``).join(', '),
        family.help.replaceAll('|', '\\|'),
      ];
      return `| ${cells.join(' | ')} |`;
    });
  return ['| metric | type | unit | labels | meaning |', '|---|---|---|---|---|', ...rows].join('\n');
};

/** Renders the tables of docs/reference/metrics.md from the scrapes of all processes. */
export const renderMetrics = (scrapes: Scrapes, known: ReadonlyMap<string, readonly string[]>): string => {
  const [first = 'gateway', ...others] = processNames;
  const common = new Set(
    scrapes[first]
      .map(({ name }) => name)
      .filter((name) => others.every((process) => scrapes[process].some((family) => family.name === name))),
  );
  const merged = scrapes[first]
    .filter(({ name }) => common.has(name))
    .map((family) => ({
      ...family,
      labels: processNames
        .map((name) => scrapes[name].find((one) => one.name === family.name)?.labels)
        .find((labels) => labels !== undefined),
    }));
  const order: readonly ProcessName[] = ['gateway', 'mutation', 'query', 'recorder', 'projector'];
  return [
    '## Every process',
    table(merged, known),
    ...order.flatMap((process) => [
      `## ${process.charAt(0).toUpperCase()}${process.slice(1)}`,
      table(
        scrapes[process].filter(({ name }) => !common.has(name)),
        known,
      ),
    ]),
  ].join('\n\n');
};
