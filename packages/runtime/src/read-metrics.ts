/** A sample of a metric. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export type Labels = Readonly<Record<string, string>>;

/** Time-out for the metrics of a process. A process with a blocked event loop answers late. */
const defaultTimeoutMs = 10_000;

const unescaped = (text: string): string =>
  text.replace(/\\(.)/gs, (_, char: string) => (char === 'n' ? '\n' : char));

/** Returns the labels of a sample, from the text between its braces. */
export const labelsIn = (text: string): Labels =>
  Object.fromEntries(
    [...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/gs)].map(([, name = '', value = '']) => [
      name,
      unescaped(value),
    ]),
  );

/**
 * Returns the samples of a metric, by its exact name (of a histogram `…_bucket`, `…_sum` or `…_count`).
 * @param text in the format of https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export const samplesOf = (text: string, name: string): Sample[] =>
  text.split('\n').flatMap((line) => {
    if (!line.startsWith(name)) return [];
    const [, labels = '', value] = /^(?:\{(.*)\})? (\S+)/s.exec(line.slice(name.length)) ?? [];
    return value === undefined
      ? []
      : [{ labels: labelsIn(labels), value: Number(value.replace('Inf', 'Infinity')) }];
  });

/**
 * Reads the samples of one metric of a process.
 * @throws if the process does not answer
 */
export const readSamples = async (
  origin: string,
  name: string,
  timeoutMs = defaultTimeoutMs,
): Promise<Sample[]> => {
  const answer = await fetch(new URL('/metrics', origin), { signal: AbortSignal.timeout(timeoutMs) });
  if (!answer.ok) throw new Error(`no metrics at ${origin}: status ${answer.status}`);
  return samplesOf(await answer.text(), name);
};

/**
 * Reads the value of a metric of a process: the sum of all samples with these labels; undefined if there is
 * none.
 * @throws if the process does not answer
 */
export const readMetric = async (
  origin: string,
  name: string,
  labels: Labels = {},
  timeoutMs = defaultTimeoutMs,
): Promise<number | undefined> => {
  const meant = (await readSamples(origin, name, timeoutMs)).filter((sample) =>
    Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );
  return meant.length === 0 ? undefined : meant.reduce((sum, { value }) => sum + value, 0);
};
