import { expect, test } from 'vitest';
import { Client } from '../support/clients/client.ts';
import { follow, publish } from './drive-feed.ts';
import { exampleTimeout, startExample } from './example.ts';

test('code from the client preset: compiles, logs in, reads every page, and shows errors', {
  timeout: exampleTimeout,
}, async ({ skip }) => {
  await using example = await startExample('codegen');
  if (example === undefined) return skip('no Chromium');
  const { system, browser, url } = example;
  const [author, reader] = [await system.signUp(), await system.signUp()];
  const writer = new Client(system.gatewayUrl, author.token);
  for (const body of ['one', 'two', 'three']) await publish(writer, body);
  await follow(new Client(system.gatewayUrl, reader.token), author, 3);

  const page = await browser.newPage();
  await page.goto(url);
  const logIn = async (password: string) => {
    await page.locator('[name=handle]').fill(reader.handle);
    await page.locator('[name=password]').fill(password);
    await page.getByRole('button').click();
  };
  await logIn('not the password');
  await expect.poll(() => page.locator('pre').textContent()).toMatch(/^Error: .*password/);
  await logIn(reader.password);
  const lines = ['three', 'two', 'one'].map((body) => `POST ${author.handle}: ${body}`);
  await expect.poll(() => page.locator('pre').textContent()).toBe(lines.join('\n'));
});
