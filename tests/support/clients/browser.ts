import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { onPath, unpackDebian } from '@rookery/stack';
import { type Browser, chromium } from 'playwright-core';

/** Program of a browser, and the environment that it needs. */
export interface BrowserBinary {
  readonly path: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Limit for downloading it with its dependencies, in ms. */
export const browserTimeout = 240_000;

const installed = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/**
 * Finds Chromium on the machine, or unpacks that of Debian next to the servers without root and without
 * installing it.
 * @returns undefined if none is available, and reports why
 */
export async function findChromium(say: (line: string) => void): Promise<BrowserBinary | undefined> {
  const path = installed.map(onPath).find((found) => found !== undefined);
  if (path !== undefined) return { path, env: {} };
  try {
    const { root, env } = await unpackDebian(say, {
      folder: 'debian-chromium',
      packages: ['chromium', 'fonts-dejavu-core'],
    });
    const unpacked = join(root, 'usr/lib/chromium/chromium');
    if (existsSync(unpacked)) return { path: unpacked, env: { ...env, CHROME_WRAPPER: unpacked } };
    say('no Chromium in the packages');
  } catch (error) {
    say(`no Chromium: ${error instanceof Error ? error.message : String(error)}`);
  }
  return undefined;
}

/** A headless browser of your own. Its sandbox needs more than a container or an unpacked binary has. */
export const launchBrowser = ({ path, env }: BrowserBinary): Promise<Browser> =>
  chromium.launch({
    executablePath: path,
    env: { ...process.env, ...env } as Record<string, string>,
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
