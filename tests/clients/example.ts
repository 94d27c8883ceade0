import type { Browser } from 'playwright-core';
import { browserTimeout, findChromium, launchBrowser } from '../support/clients/browser.ts';
import { type System, startSystem } from '../support/index.ts';
import { buildExample } from './build-example.ts';
import { startPageServer } from './page-server.ts';

/** Time for a test of an example, in ms: it may download Chromium and the packages of the examples first. */
export const exampleTimeout = 2 * browserTimeout;

/** An example that is served from an origin of its own, with the system that its page calls. */
export interface Example extends AsyncDisposable {
  readonly system: System;
  readonly browser: Browser;
  /** Address of the page. */
  readonly url: string;
}

/** Builds an example and starts all that it needs. Returns undefined if this machine has no Chromium. */
export async function startExample(name: string): Promise<Example | undefined> {
  const binary = await findChromium((line) => console.log(`clients: ${line}`));
  if (binary === undefined) return undefined;
  await using undo = new AsyncDisposableStack();
  const server = undo.use(await startPageServer());
  const system = undo.use(await startSystem({ env: { CORS_ORIGINS: server.origin } }));
  server.serve(await buildExample(name, system.graphqlUrl));
  const browser = await launchBrowser(binary);
  undo.defer(() => browser.close());
  const resources = undo.move();
  return {
    system,
    browser,
    url: `${server.origin}/`,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
