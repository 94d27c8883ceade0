import { querySettings, startQuery } from '@rookery/query';
import { createLog, gatewayHeader, newId, readConfig, signStamp } from '@rookery/service';
import { freePort } from '@rookery/stack';
import { describe, expect, it } from 'vitest';
import { type Answer, codes } from './query-world.ts';

const secret = 'i'.repeat(32);

describe('without any server', () => {
  it('starts, lives, says that it is not ready, answers each read with SERVICE_UNAVAILABLE, and stops', async () => {
    await using resources = new AsyncDisposableStack();
    const nowhere = async (scheme: string) => `${scheme}://127.0.0.1:${await freePort()}/none`;
    const { url } = await startQuery(
      readConfig(querySettings, {
        QUERY_PORT: '0',
        QUERY_METRICS_PORT: '0',
        DOCUMENTS_URL: await nowhere('postgres'),
        REDIS_URL: await nowhere('redis'),
        NATS_URL: await nowhere('nats'),
        INTERNAL_SECRET: secret,
        CURSOR_SECRET: 'c'.repeat(32),
        READ_AFTER_TIMEOUT: '200',
      }),
      createLog('query', 'silent'),
      resources,
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
        headers: {
          'content-type': 'application/json',
          [gatewayHeader]: signStamp(secret, { viewer, requestId: 'test', readAfter: [viewer] }),
        },
        body: JSON.stringify({ query }),
      });
      const answer = (await response.json()) as Answer<unknown>;
      expect(codes(answer)).toEqual(['SERVICE_UNAVAILABLE']);
      // Nothing of where or why.
      expect(JSON.stringify(answer)).not.toMatch(/127\.0\.0\.1|ECONN|at .*\(/);
    }
  });
});
