/** Longest wait for a process's metrics, in milliseconds. */
const patience = 2_000;

/** Where the process at this address serves its metrics: on the same host, at a port of their own. */
export const metricsAt = (url: string, port: number): string => {
  const { hostname } = new URL(url);
  return `http://${hostname}:${port}`;
};

/**
 * The value of one metric of a process, the one that has these labels; undefined where the process does not answer
 * or has no such metric.
 */
export const metricOf = async (
  origin: string,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<number | undefined> => {
  try {
    const answer = await fetch(new URL('/metrics', origin), { signal: AbortSignal.timeout(patience) });
    const line = (await answer.text())
      .split('\n')
      .find(
        (one) =>
          one.startsWith(`${name}{`) &&
          Object.entries(labels).every(([label, value]) => one.includes(`${label}="${value}"`)),
      );
    return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ') + 1));
  } catch {
    return undefined;
  }
};
