import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { findChromium, launchBrowser } from '../support/clients/browser.ts';
import type { TestRegistry } from './start-registry.ts';

/** A person who reads the registry's page in a browser, and what went wrong there. */
export interface Visit extends AsyncDisposable {
  readonly page: Page;
  /** Addresses outside of the registry that were asked for. */
  readonly outside: string[];
  /** Errors, and dialogs that a script opened. */
  readonly complaints: string[];
  signIn(token: string): Promise<void>;
  goTo(path: string): Promise<void>;
  /** Returns what axe finds on the page, with everything unfolded. */
  findings(): Promise<string[]>;
}

/** Opens a browser of its own; undefined if there is none. */
export const openBrowser = async (): Promise<Browser | undefined> => {
  const binary = await findChromium((line) => console.log(`the registry's page: ${line}`));
  return binary === undefined ? undefined : await launchBrowser(binary);
};

/** Runs axe as the developer's tools do, since the policy of the page lets no other script in. */
const findings = async (page: Page): Promise<string[]> => {
  const session = await page.context().newCDPSession(page);
  const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
    expression: `${axe.source};
      for (const details of document.querySelectorAll('details')) details.open = true;
      axe.run().then(({ violations, passes }) => JSON.stringify({
        passes: passes.length,
        found: violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' | ')),
      }))`,
    awaitPromise: true,
    returnByValue: true,
  });
  await session.detach();
  if (exceptionDetails !== undefined) throw new Error(exceptionDetails.text);
  const { passes, found } = JSON.parse(String(result.value)) as { passes: number; found: string[] };
  if (passes < 10) throw new Error(`axe judged only ${passes} rules`);
  return found;
};

export const visit = async (browser: Browser, registry: TestRegistry): Promise<Visit> => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const outside: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== registry.url) outside.push(request.url());
  });
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return {
    page,
    outside,
    complaints,
    signIn: async (token) => {
      await page.getByLabel('Token with the scope read').fill(token);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'Overview' }).waitFor();
    },
    goTo: async (path) => {
      await page.goto(`${registry.url}/registry${path}`);
    },
    findings: () => findings(page),
    [Symbol.asyncDispose]: () => context.close(),
  };
};
