import { eventually } from '../eventually.ts';

/** Resolves once the mutation subgraph at this address reaches the queue and its accounts. */
export const connected = async (address: string): Promise<void> => {
  await eventually(async () => {
    const { parts } = (await (await fetch(`${address}/health/ready`)).json()) as {
      parts: Readonly<Record<string, string>>;
    };
    return parts.queue === 'ok' && parts.accounts === 'ok';
  });
};
