import { setTimeout } from 'node:timers/promises';

/** Resolves once the mutation subgraph at this address reaches the queue and its accounts. */
export const connected = async (address: string): Promise<void> => {
  await until(async () => {
    const { parts } = (await (await fetch(`${address}/health/ready`)).json()) as {
      parts: Readonly<Record<string, string>>;
    };
    return parts.queue === 'ok' && parts.accounts === 'ok' ? true : undefined;
  });
};

/** Asks again until the answer is there. @throws after `deadline` ms, with the last error */
export const until = async <T>(ask: () => Promise<T | undefined>, deadline = 60_000): Promise<T> => {
  const end = performance.now() + deadline;
  for (;;) {
    let last: unknown = new Error('not in time');
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) throw last;
    await setTimeout(25);
  }
};
