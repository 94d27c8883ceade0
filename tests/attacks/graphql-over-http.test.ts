import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway/gateway.ts';

/** GraphQL over HTTP, as graphql-http checks it; two of its checks ask for introspection, which this gateway answers. */
let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());
const graphqlUrl = () => `${gateway.url}/graphql`;

/** With the header that CSRF prevention asks for. */
const fetchFn = (url: string, init: RequestInit = {}) =>
  fetch(url, { ...init, headers: { ...init.headers, 'apollo-require-preflight': '1' } });

const audits = serverAudits({ url: graphqlUrl, fetchFn });

const levelOf = (name: string) => name.split(' ', 1)[0] ?? '';

test('there are 13 that must, 23 that should and 25 that may hold', () => {
  const count = (level: string) => audits.filter(({ name }) => levelOf(name) === level).length;
  expect([count('MUST'), count('SHOULD'), count('MAY'), audits.length]).toEqual([13, 23, 25, 61]);
});

test.each(audits.map(({ id, name, fn }) => ({ id, name, fn })))('$id $name', async ({ fn }) => {
  const result = await fn();
  expect(result, 'reason' in result ? result.reason : '').toMatchObject({ status: 'ok' });
});

test('without the header a plain GET stays refused', async () => {
  const response = await fetch(`${graphqlUrl()}?query=%7B__typename%7D`);
  expect(response.status).toBe(400);
  expect(await response.json()).not.toHaveProperty('data');
});
