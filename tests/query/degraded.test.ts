import { querySettings, startQuery } from '@rookery/query';
import { createLog, newId, readConfig } from '@rookery/runtime';
import { freePort } from '@rookery/stack';
import { describe, expect, it } from 'vitest';
import { startGatewayKeys } from '../support/index.ts';
import { type Answer, codes } from '../support/systems/query-world.ts';

describe('without any server', () => {
  it('starts, lives, says that it is not ready, answers each read with SERVICE_UNAVAILABLE, and stops', async () => {
    await using keys = await startGatewayKeys();
    await using resources = new AsyncDisposableStack();
    const nowhere = async (scheme: string) => `${scheme}://127.0.0.1:${await freePort()}/none`;
    const { url } = await startQuery(
      readConfig(querySettings, {
        QUERY_PORT: '0',
        QUERY_METRICS_PORT: '0',
        DOCUMENTS_URL: await nowhere('postgres'),
        REDIS_URL: await nowhere('redis'),
        NATS_URL: await nowhere('nats'),
        GATEWAY_KEYS_URL: keys.keysUrl,
        CURSOR_SECRET: 'c'.repeat(32),
        READ_AFTER_TIMEOUT: '200',
      }),
      createLog('query', 'silent'),
      resources,
      { lingerMs: 0 },
    );
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    expect((await fetch(`${url}/health/ready`)).status).toBe(503);
    const viewer = newId();
    for (const query of [
      '{ me { id } }',
      '{ friendsFeed { edges { cursor } } }',
      '{ user(handle: "ada") { id } }',
    ]) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: await keys.headers({ audience: 'query', viewer, readAfter: [viewer] }),
        body: JSON.stringify({ query }),
      });
      const answer = (await response.json()) as Answer<unknown>;
      expect(codes(answer)).toEqual(['SERVICE_UNAVAILABLE']);
      // Reveals neither location nor cause.
      expect(JSON.stringify(answer)).not.toMatch(/127\.0\.0\.1|ECONN|at .*\(/);
    }
  });
});
