import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { browserTimeout, findChromium, launchBrowser } from '../support/clients/browser.ts';
import { until } from '../support/eventually.ts';
import { startGateway, type TestGateway } from '../support/gateway/gateway.ts';
import { people } from '../support/gateway/network.ts';

let gateway: TestGateway;
let browser: Browser | undefined;
beforeAll(async () => {
  const binary = await findChromium((line) => console.log(`GraphiQL: ${line}`));
  if (binary === undefined) console.log('GraphiQL: not tested here');
  else browser = await launchBrowser(binary);
  gateway = await startGateway();
}, browserTimeout);
afterAll(async () => {
  await browser?.close();
  await gateway[Symbol.asyncDispose]();
});

const viewer = people[1]?.id ?? '';

/** GraphiQL with this query and token in it. */
const openWith = async (page: Page, query: string, token?: string) => {
  await page.goto(`${gateway.url}/graphiql?query=${encodeURIComponent(query)}`);
  await page.locator('.graphiql-query-editor .view-lines').waitFor();
  if (token === undefined) return;
  await page.getByRole('button', { name: 'Headers' }).click();
  await page.locator('.graphiql-editor-tool .view-line', { hasText: 'Bearer' }).click();
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowLeft'); // into the quotes
  await page.keyboard.insertText(token);
};
const run = (page: Page) => page.locator('.graphiql-execute-button').click();
/** Returns the text of the response pane, in which the editor writes non-breaking spaces. */
const response = async (page: Page) =>
  (await page.locator('.graphiql-response .view-lines').textContent())?.replaceAll('\u00a0', ' ');

test('GraphiQL runs a query with the token and receives a live event, with no outside address', async ({
  skip,
}) => {
  if (browser === undefined) return skip('no Chromium');
  const page = await browser.newPage();
  const outside: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (!/^(data|blob):$/.test(protocol) && origin !== gateway.url) outside.push(request.url());
  });
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  const token = await gateway.issuer.token(viewer);

  await openWith(page, '{ me { name } }', token);
  await run(page);
  await expect.poll(() => response(page)).toContain('"name": "Grace"');

  await openWith(page, 'subscription { written { text author { name } } }', token);
  await run(page);
  await until('listening', () => gateway.network.written.listeners === 1);
  expect(gateway.network.notes.asked.at(-1)?.viewer).toBe(viewer);
  gateway.network.written.push({ id: '1', text: 'hello, page', author: viewer });
  await expect.poll(() => response(page)).toMatch(/"text": "hello, page"[\s\S]*"name": "Grace"/);
  await run(page); // the same button stops it
  await until('closed upstream', () => gateway.network.written.listeners === 0);

  expect(outside).toEqual([]);
  expect(complaints).toEqual([]);
});

test('without a token the headers pane has a place for one, and asks as nobody', async ({ skip }) => {
  if (browser === undefined) return skip('no Chromium');
  const page = await browser.newPage();
  await openWith(page, '{ me { name } secret }');
  await page.getByRole('button', { name: 'Headers' }).click();
  await expect.poll(() => page.locator('.graphiql-editor-tool').textContent()).toContain('Bearer');
  await run(page);
  await expect.poll(() => response(page)).toMatch(/"me": null[\s\S]*"secret": "shown"/);
});
