import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { Running } from './contenders.ts';
import { feedPage as page } from './data.ts';
import { askUnknown, load, loadAtRate } from './load.ts';

let resources = new AsyncDisposableStack();
afterEach(async () => {
  await resources.disposeAsync();
  resources = new AsyncDisposableStack();
});

const right = JSON.stringify({ data: page.expected });

/** Serves an answer per request, counted from 0. */
const gateway = async (answerOf: (n: number) => string): Promise<Running> => {
  let n = 0;
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.end(answerOf(n++)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  resources.defer(async () => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { name: 'fake', url, cpu: () => 0, memory: () => 0 } as unknown as Running;
};

const traffic = { page, tokens: ['token'], same: false, inFlight: 2, count: 10 };
const kinds: Readonly<Record<string, (of: Running) => Promise<unknown>>> = {
  load: (of) => load(of, traffic),
  'load at a rate': (of) => loadAtRate(of, traffic, { perSecond: 100, seconds: 0.1 }),
  'unknown operations': (of) => askUnknown(of, traffic, 10),
};

test.each(Object.entries(kinds))(
  '%s accepts a gateway that always gives the expected answer',
  async (_, run) => {
    await run(await gateway(() => right));
  },
);

test.each(Object.entries(kinds))('%s fails if one answer differs from the others', async (_, run) => {
  const wrong: readonly string[] = [
    right.replace('"likeCount":3', '"likeCount":4'),
    right.replace('}}', '},"errors":[]}'),
    `${right} `,
  ];
  for (const answer of wrong) {
    const unreliable = await gateway((n) => (n === 5 ? answer : right));
    await expect(run(unreliable)).rejects.toThrow('fake gave an unexpected answer');
  }
});

test.each(Object.entries(kinds))(
  '%s fails if all answers differ from those of the other gateways',
  async (_, run) => {
    const less = right.replaceAll(/"replyCount":\d+/g, '"replyCount":null');
    await expect(run(await gateway(() => less))).rejects.toThrow('fake gave an unexpected answer');
  },
);
