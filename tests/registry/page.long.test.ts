import { expect, test } from 'vitest';
import { browserTimeout } from '../support/clients/browser.ts';
import { paths, startFilledRegistry } from './filled-registry.ts';
import { openBrowser, visit } from './page-audit.ts';

test.each(['light', 'dark'] as const)(
  'axe finds nothing on any page of the registry in %s colors',
  async (colorScheme) => {
    const browser = await openBrowser();
    if (browser === undefined) return;
    try {
      await using registry = await startFilledRegistry();
      await using reader = await visit(browser, registry);
      await reader.page.emulateMedia({ colorScheme });
      await reader.goTo('');
      expect(await reader.findings()).toEqual([]);
      await reader.signIn(await registry.token('read'));
      for (const path of paths) {
        await reader.goTo(path);
        expect(await reader.findings(), path).toEqual([]);
      }
    } finally {
      await browser.close();
    }
  },
  browserTimeout,
);
