import { isDeepStrictEqual } from 'node:util';
import { Pool } from 'undici';
import { type Latencies, latencies, openLoop, repeat } from '../measure.ts';
import type { Running } from './contenders.ts';
import { type Page, pageSize } from './data.ts';

/** Requests of the clients in a run. */
export interface Traffic {
  readonly page: Page;
  readonly tokens: readonly string[];
  /** True if all requests have the same cursor and user, false if each has its own. */
  readonly same: boolean;
  /** Number of concurrent requests. */
  readonly inFlight: number;
  /** Total number of requests. */
  readonly count: number;
}

export interface Run extends Omit<Latencies, 'mean'> {
  /** CPU time of the gateway per request, in microseconds. */
  readonly cpu: number;
}

let serial = 0;

/** One gateway's client: it compares each answer with the first one, and that with the expected data. */
class Client implements AsyncDisposable {
  readonly #gateway: Running;
  readonly #pool: Pool;
  readonly #page: Page;
  readonly #tokens: readonly string[];
  #right: string | undefined;

  constructor(gateway: Running, { page, tokens }: Pick<Traffic, 'page' | 'tokens'>, connections: number) {
    this.#gateway = gateway;
    this.#pool = new Pool(gateway.url, { connections });
    this.#page = page;
    this.#tokens = tokens;
  }

  /**
   * @param name another name for the operation, so that no gateway knows it
   * @throws Error if the answer is wrong, or differs from the first by a byte
   */
  async ask(n: number, name?: string): Promise<void> {
    const { query, operationName, expected } = this.#page;
    const text = await (name === undefined
      ? this.#send(query, operationName, n)
      : this.#send(query.replace(`query ${operationName}(`, `query ${name}(`), name, n));
    if (text === this.#right) return;
    if (this.#right !== undefined || !isDeepStrictEqual(JSON.parse(text), { data: expected }))
      throw new Error(`${this.#gateway.name} gave an unexpected answer: ${text.slice(0, 500)}`);
    this.#right = text;
  }

  /** Returns the text of the answer. */
  async #send(query: string, operationName: string, n: number): Promise<string> {
    const { statusCode, body } = await this.#pool.request({
      method: 'POST',
      path: '/graphql',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        authorization: `Bearer ${this.#tokens[n % this.#tokens.length]}`,
        'apollographql-client-name': 'bench',
        'apollographql-client-version': '1',
      },
      body: JSON.stringify({
        query,
        operationName,
        variables: { first: pageSize, after: `cursor-${n}` },
      }),
    });
    const text = await body.text();
    if (statusCode !== 200)
      throw new Error(`${this.#gateway.name} answered ${statusCode}: ${text.slice(0, 500)}`);
    return text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy();
  }
}

/**
 * Requests pages from the gateway, as many at once as `inFlight`, and returns their costs.
 * @throws if an answer is wrong
 */
export const load = async (gateway: Running, traffic: Traffic): Promise<Run> => {
  const { same, inFlight, count } = traffic;
  gateway.prepare?.();
  await using client = new Client(gateway, traffic, inFlight);
  const next = (): number => (same ? 0 : ++serial);
  await client.ask(next());
  const cpu = gateway.cpu();
  const run = await repeat(count, inFlight, () => client.ask(next()));
  return { ...run, cpu: (gateway.cpu() - cpu) / count };
};

/**
 * Requests pages at a fixed rate, whether or not earlier ones are answered, so that queueing shows in the times.
 * @throws if an answer is wrong
 */
export const loadAtRate = async (
  gateway: Running,
  traffic: Omit<Traffic, 'inFlight' | 'count'>,
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
): Promise<Run> => {
  gateway.prepare?.();
  await using client = new Client(gateway, traffic, 256);
  await client.ask(++serial);
  const cpu = gateway.cpu();
  const run = await openLoop(perSecond, seconds, () => client.ask(traffic.same ? 0 : ++serial));
  return { ...latencies(run.times, run.seconds), cpu: (gateway.cpu() - cpu) / (perSecond * seconds) };
};

/**
 * Sends operations that the gateway does not know yet, one after the other.
 * @returns how long each takes, with its parsing, validation and planning
 * @throws if an answer is wrong
 */
export const askUnknown = async (
  gateway: Running,
  traffic: Pick<Traffic, 'page' | 'tokens'>,
  count: number,
): Promise<Latencies> => {
  await using client = new Client(gateway, traffic, 1);
  return await repeat(count, 1, () => client.ask(0, `${traffic.page.operationName}${++serial}`));
};
