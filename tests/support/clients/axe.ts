import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** Runs axe as the developer's tools do, since the policy of the page lets no other script in. */
export const axeFindings = async (page: Page): Promise<string[]> => {
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
