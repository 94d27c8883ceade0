import type { Browser, Page } from 'playwright-core';
import { axeFindings } from '../support/clients/axe.ts';
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
    findings: () => axeFindings(page),
    [Symbol.asyncDispose]: () => context.close(),
  };
};
