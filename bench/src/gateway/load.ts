import { isDeepStrictEqual } from 'node:util';
import { Pool } from 'undici';
import { latencies } from '../measure.ts';
import type { Running } from './contenders.ts';
import { expected, feedQuery, pageSize } from './data.ts';

/** Requests of the clients in a run. */
export interface Traffic {
  readonly tokens: readonly string[];
  /** True if all requests have the same cursor and user, false if each has its own. */
  readonly same: boolean;
  /** Number of concurrent requests. */
  readonly inFlight: number;
  /** Total number of requests. */
  readonly count: number;
}

export interface Run {
  /** CPU time of the gateway per request, in microseconds. */
  readonly cpu: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

let serial = 0;

/**
 * Requests pages from the gateway and returns their costs.
 * @throws if a result is wrong
 */
export const load = async (gateway: Running, { tokens, same, inFlight, count }: Traffic): Promise<Run> => {
  const pool = new Pool(gateway.url, { connections: inFlight });
  const right = JSON.stringify({ data: expected }).length;
  const ask = async (check = false): Promise<void> => {
    const n = same ? 0 : ++serial;
    const { statusCode, body } = await pool.request({
      method: 'POST',
      path: '/graphql',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        authorization: `Bearer ${tokens[n % tokens.length]}`,
        'apollographql-client-name': 'bench',
        'apollographql-client-version': '1',
      },
      body: JSON.stringify({
        query: feedQuery,
        operationName: 'Feed',
        variables: { first: pageSize, after: `cursor-${n}` },
      }),
    });
    const text = await body.text();
    if (statusCode !== 200 || text.length < right)
      throw new Error(`${gateway.name} answered ${statusCode}: ${text.slice(0, 500)}`);
    if (check && !isDeepStrictEqual(JSON.parse(text).data, expected))
      throw new Error(`${gateway.name} returned an unexpected result: ${text.slice(0, 500)}`);
  };
  try {
    await ask(true);
    const times: number[] = [];
    const cpu = gateway.cpu();
    const began = performance.now();
    let left = count;
    const lane = async (): Promise<void> => {
      while (left-- > 0) {
        const sent = performance.now();
        await ask();
        times.push(performance.now() - sent);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, lane));
    const seconds = (performance.now() - began) / 1_000;
    return { ...latencies(times, seconds), cpu: (gateway.cpu() - cpu) / times.length };
  } finally {
    await pool.destroy();
  }
};
