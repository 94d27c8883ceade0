import type { SharedType, SubgraphGraph } from '@rookery/schema/graph';
import type { DayRequests } from '../storage/usage-summary.ts';
import { type Html, html } from './html.ts';

/** One bar: a label, and a value. */
export interface Bar {
  readonly label: string;
  readonly value: number;
}

const bars = { row: 26, label: 300, width: 720, number: 90 };

const shorten = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length - 1)}…` : text;

/** Returns a number as people write it. */
export const count = (value: number): string => Math.round(value).toLocaleString('en-US');

/** Returns a chart with a horizontal bar for each value. A table beside it must have the same numbers. */
export const barChart = (title: string, values: readonly Bar[]): Html | '' => {
  const [first] = values;
  if (first === undefined) return '';
  const { row, label, width, number } = bars;
  const max = Math.max(...values.map(({ value }) => value), 1);
  const height = values.length * row;
  return html`<svg class="chart" role="img" aria-label="${title}" viewBox="0 0 ${width} ${height}">${values.map(
    ({ label: name, value }, index) => {
      const y = index * row;
      const length = ((width - label - number) * value) / max;
      return html`<text x="${label - 8}" y="${y + 17}" class="end">${shorten(name, 40)}</text>
<rect class="bar" x="${label}" y="${y + 4}" width="${length.toFixed(1)}" height="${row - 8}" rx="3"><title>${name}: ${count(value)}</title></rect>
<text x="${(label + length + 6).toFixed(1)}" y="${y + 17}">${count(value)}</text>`;
    },
  )}</svg>`;
};

const days = { width: 720, height: 160, foot: 22 };

/** Returns a chart of requests by day, with the failed ones in another color. */
export const dayChart = (title: string, values: readonly DayRequests[]): Html => {
  if (values.every((one) => one.count === 0))
    return html`<p class="nothing">No request was reported yet.</p>`;
  const { width, height, foot } = days;
  const max = Math.max(...values.map((one) => one.count), 1);
  const step = width / values.length;
  const scale = (height - foot - 14) / max;
  return html`<svg class="chart" role="img" aria-label="${title}" viewBox="0 0 ${width} ${height}">
<text x="0" y="11">${count(max)}</text>${values.map(({ day, count: all, errors }, index) => {
    const x = (index * step + 1).toFixed(1);
    const w = Math.max(step - 2, 1).toFixed(1);
    const base = height - foot;
    return html`<g><title>${day}: ${count(all)} requests, ${count(errors)} failed</title>
<rect class="bar" x="${x}" y="${(base - all * scale).toFixed(1)}" width="${w}" height="${(all * scale).toFixed(1)}"></rect>
<rect class="failed" x="${x}" y="${(base - errors * scale).toFixed(1)}" width="${w}" height="${(errors * scale).toFixed(1)}"></rect></g>`;
  })}<text x="0" y="${height - 6}">${values[0]?.day}</text>
<text class="end" x="${width}" y="${height - 6}">${values.at(-1)?.day}</text></svg>`;
};

const graph = { width: 900, row: 34, box: 24, left: 220, right: 620 };

/** Returns a drawing of the subgraphs, the types that they share, and a line for each definition. */
export const graphChart = ({ subgraphs }: SubgraphGraph, shared: readonly SharedType[]): Html | '' => {
  if (subgraphs.length === 0) return '';
  const { width, row, box, left, right } = graph;
  const rows = Math.max(subgraphs.length, shared.length, 1);
  const height = rows * row + 10;
  const place = (index: number, many: number) =>
    ((index + 0.5) * (rows / Math.max(many, 1)) * row + 5).toFixed(1);
  const at = new Map(subgraphs.map(({ name }, index) => [name, place(index, subgraphs.length)]));
  const lines = shared.flatMap((type, index) =>
    type.subgraphs.map(
      (name) =>
        html`<path class="${type.isEntity ? 'edge entity' : 'edge'}" d="M${left} ${at.get(name) ?? 0}C${
          (left + right) / 2
        } ${at.get(name) ?? 0} ${(left + right) / 2} ${place(index, shared.length)} ${right} ${place(index, shared.length)}"><title>${name} – ${type.name}</title></path>`,
    ),
  );
  const node = (kind: string, x: number, y: string, text: string, detail: string) => html`<g class="${kind}">
<rect x="${x}" y="${(Number(y) - box / 2).toFixed(1)}" width="210" height="${box}" rx="4"><title>${text}: ${detail}</title></rect>
<text x="${x + 8}" y="${(Number(y) + 5).toFixed(1)}">${shorten(text, 27)}</text></g>`;
  return html`<svg class="chart graph" role="img" aria-label="Subgraphs and the types that they share" viewBox="0 0 ${width} ${height}">${lines}${subgraphs.map(
    ({ name, types }, index) =>
      node('subgraph', left - 210, place(index, subgraphs.length), name, `${types} types`),
  )}${shared.map((type, index) =>
    node(type.isEntity ? 'type entity' : 'type', right, place(index, shared.length), type.name, type.kind),
  )}</svg>`;
};
