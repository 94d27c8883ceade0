import { expect, test } from 'vitest';
import { browserTimeout } from '../support/clients/browser.ts';
import { paths, startFilledRegistry } from './filled-registry.ts';
import { openBrowser, visit } from './page-audit.ts';

test.each(['light', 'dark'] as const)(
  'one signs in, reads everything and signs out, in %s colors, with no outside address and nothing for axe to find',
  async (colorScheme) => {
    const browser = await openBrowser();
    if (browser === undefined) return;
    try {
      await using registry = await startFilledRegistry();
      await using reader = await visit(browser, registry);
      await reader.page.emulateMedia({ colorScheme });
      const { page, outside, complaints } = reader;
      await reader.goTo('');
      // Without a session the page is the form, with status 401.
      expect(complaints.splice(0)).toEqual([expect.stringContaining('401')]);
      expect(await reader.findings()).toEqual([]);
      await reader.signIn(await registry.token('read'));
      for (const path of paths) {
        await reader.goTo(path);
        expect(await reader.findings(), path).toEqual([]);
      }
      expect(outside).toEqual([]);
      expect(complaints).toEqual([]);
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByLabel('Token with the scope read').waitFor();
    } finally {
      await browser.close();
    }
  },
  browserTimeout,
);

test(
  'sections, environments and the filter work',
  async () => {
    const browser = await openBrowser();
    if (browser === undefined) return;
    try {
      await using registry = await startFilledRegistry();
      await using reader = await visit(browser, registry);
      const { page } = reader;
      await reader.goTo('');
      await reader.signIn(await registry.token('read'));
      await page.getByRole('link', { name: 'Graph' }).click();
      await page.getByRole('img', { name: 'Subgraphs and the types that they share' }).waitFor();
      expect(await page.locator('path.edge.entity').count()).toBe(2);
      await page.getByRole('link', { name: 'Usage' }).click();
      await page.getByRole('img', { name: 'Requests by day' }).waitFor();
      const isShown = (name: string) => page.locator('#fields tbody tr', { hasText: name }).isVisible();
      expect(await isShown('Query.books(tag:)')).toBe(true);
      await page.getByLabel('Show those with').fill('book.title');
      expect(await isShown('Query.books(tag:)')).toBe(false);
      expect(await isShown('Book.title')).toBe(true);
      await page.getByRole('link', { name: 'Checks' }).click();
      await page.getByLabel('Environment').selectOption('staging');
      await page.getByRole('button', { name: 'Show' }).click();
      await page.getByText('unusable-input').waitFor();
      await page.getByRole('link', { name: 'Webhooks' }).click();
      await page.getByRole('row', { name: 'launch.refused given up 15 500' }).waitFor();
    } finally {
      await browser.close();
    }
  },
  browserTimeout,
);
