// The page of `npm start -- --observe`: the dashboards of Grafana with the same queries, served by Prometheus itself.

/** Points of a line. */
const points = 120;
/** Time between two refreshes in ms, as Prometheus reads the processes on a laptop. */
const refreshMs = 5_000;
const colors = 8;
const [width, height] = [520, 160];

const byId = (id) => document.getElementById(id);

/** Creates an element with attributes and children; text is never taken for HTML. */
const element = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
};
const drawn = (name, attributes = {}, ...children) => {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
};

const ask = async (path, parameters = {}) => {
  const response = await fetch(`/api/v1/${path}?${new URLSearchParams(parameters)}`);
  const { status, data, error } = await response.json();
  if (status !== 'success') throw new Error(error);
  return data;
};

const short = (value) => Number(value.toPrecision(3)).toLocaleString('en');
const scaled = (value, base, names) => {
  let [scale, i] = [value, 0];
  for (; Math.abs(scale) >= base && i < names.length - 1; i++) scale /= base;
  return `${short(scale)} ${names[i]}`;
};
const formats = {
  seconds: (value) =>
    value < 1
      ? `${short(value * 1_000)} ms`
      : value < 120
        ? `${short(value)} s`
        : scaled(value / 60, 60, ['min', 'h']),
  bytes: (value) => scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB']),
  count: short,
  perSecond: (value) => `${short(value)}/s`,
  ratio: (value) => `${short(value * 100)} %`,
};

const nameOf = (legend, labels) => legend.replace(/\{\{(\w+)\}\}/g, (_, label) => labels[label] ?? '');

/** Returns the lines of a panel: name and [time, value] pairs. */
const readLines = async ({ queries }, seconds) => {
  const end = Math.floor(Date.now() / 1_000);
  const step = Math.max(1, Math.round(seconds / points));
  // Four reads at least, so that a rate never lacks a second point.
  const window = `${Math.max(20, step * 2)}s`;
  const found = await Promise.all(
    queries.map(async ({ expr, legend }) => {
      const query = expr.replaceAll('$window', window);
      const { result } = await ask('query_range', { query, start: end - seconds, end, step });
      return result.map(({ metric, values }) => ({
        name: nameOf(legend, metric) || 'value',
        values: values
          .map(([at, value]) => [at, Number(value)])
          .filter(([, value]) => Number.isFinite(value)),
      }));
    }),
  );
  return { start: end - seconds, end, lines: found.flat().filter(({ values }) => values.length > 0) };
};

const drawChart = ({ title, unit }, { start, end, lines }) => {
  const largest = Math.max(...lines.flatMap(({ values }) => values.map(([, value]) => value)), 0);
  const top = largest > 0 ? largest * 1.1 : 1;
  const x = (at) => ((at - start) / (end - start)) * width;
  const y = (value) => height - 18 - (Math.max(0, value) / top) * (height - 30);
  const paths = lines.map(({ values }, i) =>
    drawn('path', {
      class: `line-${i % colors}`,
      d: values
        .map(([at, value], j) => `${j === 0 ? 'M' : 'L'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`)
        .join(''),
    }),
  );
  const clock = (at) =>
    new Date(at * 1_000).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  return drawn(
    'svg',
    {
      role: 'img',
      viewBox: `0 0 ${width} ${height}`,
      'aria-label': `${title}: ${lines.length} lines, up to ${formats[unit](largest)}`,
    },
    drawn('line', { class: 'axis', x1: 0, x2: width, y1: height - 18, y2: height - 18 }),
    drawn('text', { x: 0, y: 10 }, formats[unit](top)),
    drawn('text', { x: 0, y: height - 4 }, clock(start)),
    drawn('text', { x: width, y: height - 4, 'text-anchor': 'end' }, clock(end)),
    ...paths,
  );
};

const table = (caption, heads, rows) =>
  element(
    'div',
    { class: 'scroll', role: 'region', 'aria-label': caption, tabindex: '0' },
    element(
      'table',
      {},
      element(
        'thead',
        {},
        element('tr', {}, ...heads.map(([head, kind]) => element('th', { scope: 'col', class: kind }, head))),
      ),
      element('tbody', {}, ...rows),
    ),
  );

const drawPanel = (panel, read) => {
  const { title, about, unit } = panel;
  const rows = read.lines.map(({ name, values }, i) =>
    element(
      'tr',
      {},
      element('td', {}, element('span', { class: `key line-${i % colors}` }), name),
      element('td', { class: 'number' }, formats[unit](values.at(-1)[1])),
      element('td', { class: 'number' }, formats[unit](Math.max(...values.map(([, value]) => value)))),
    ),
  );
  const content =
    rows.length === 0
      ? [element('p', {}, 'Nothing in this time.')]
      : [
          drawChart(panel, read),
          table(
            `Values of ${title}`,
            [
              ['Line', ''],
              ['Last', 'number'],
              ['Largest', 'number'],
            ],
            rows,
          ),
        ];
  return [element('h3', {}, title), element('p', {}, about), ...content];
};

const drawAlerts = ({ alerts }) => {
  const rows = alerts
    .filter(({ labels }) => labels.alertname !== 'RookeryWatchdog')
    .map(({ labels, annotations, state }) =>
      element(
        'tr',
        {},
        element('td', { class: state }, state),
        element('td', {}, labels.severity),
        element('td', {}, labels.alertname),
        element('td', {}, annotations.summary),
        element('td', {}, annotations.runbook_url),
      ),
    );
  return rows.length === 0
    ? element('p', {}, 'No alert is firing or pending.')
    : table(
        'Firing and pending alerts',
        [
          ['State', ''],
          ['Severity', ''],
          ['Alert', ''],
          ['Summary', ''],
          ['Runbook', ''],
        ],
        rows,
      );
};

const dashboards = await (await fetch('dashboards.json')).json();
let isPaused = false;
/** Panels that are shown, with their elements. */
let shown = [];

const chosen = () => dashboards.find(({ name }) => `#${name}` === location.hash) ?? dashboards[0];

const open = () => {
  const { name, title, about, sections } = chosen();
  document.title = title;
  byId('title').textContent = title;
  byId('about').textContent = about;
  byId('dashboards').replaceChildren(
    ...dashboards.map((one) =>
      element(
        'li',
        {},
        element(
          'a',
          { href: `#${one.name}`, ...(one.name === name ? { 'aria-current': 'page' } : {}) },
          one.title.replace(/^.*: /, ''),
        ),
      ),
    ),
  );
  shown = [];
  byId('sections').replaceChildren(
    ...sections.map((section) =>
      element(
        'section',
        {},
        element('h2', {}, section.title),
        element(
          'div',
          { class: 'panels' },
          ...section.panels.map((panel) => {
            const at = element('article', {}, element('h3', {}, panel.title), element('p', {}, panel.about));
            shown.push({ panel, at });
            return at;
          }),
        ),
      ),
    ),
  );
};

const refresh = async () => {
  const seconds = Number(byId('range').value);
  const now = shown;
  try {
    byId('alerts').replaceChildren(drawAlerts(await ask('alerts')));
    for (const { panel, at } of now) at.replaceChildren(...drawPanel(panel, await readLines(panel, seconds)));
    byId('state').textContent = isPaused ? 'Paused' : `Up to date, read every ${refreshMs / 1_000} s`;
  } catch (error) {
    byId('state').textContent = `Prometheus does not answer: ${error.message}`;
  }
};

/** Refreshes one after the other, so that a slow Prometheus is not asked twice at once. */
const follow = async () => {
  for (;;) {
    if (!isPaused && !document.hidden) await refresh();
    await new Promise((resolve) => setTimeout(resolve, refreshMs));
  }
};

byId('pause').addEventListener('click', () => {
  isPaused = !isPaused;
  byId('pause').setAttribute('aria-pressed', String(isPaused));
  byId('state').textContent = isPaused ? 'Paused' : 'Loading';
});
byId('range').addEventListener('change', refresh);
byId('controls').addEventListener('submit', (event) => event.preventDefault());
addEventListener('hashchange', () => {
  open();
  void refresh();
});
open();
void follow();
