import { processNames } from '@rookery/stack';
import { expect, it } from 'vitest';
import { ready, startFolder } from './start-folder.ts';

interface Targets {
  readonly data: {
    readonly activeTargets: readonly { readonly health: string; readonly labels: Record<string, string> }[];
  };
}

it('npm start -- --observe reads every process, serves the page, and leaves nothing behind', {
  timeout: 240_000,
}, async () => {
  using folder = await startFolder();
  const run = folder.start(['npm', 'start', '--', '--observe']);
  await ready(run);
  await run.says(/Ctrl-C stops everything/);
  const [, page = ''] = /Observe +(http\S+)/.exec(run.stdout) ?? [];
  const html = await (await fetch(page)).text();
  expect(html).toContain('<title>Rookery</title>');
  for (const [, file] of html.matchAll(/(?:src|href)="([\w.]+\.(?:js|css))"/g))
    expect((await fetch(new URL(file ?? '', page))).status, file).toBe(200);
  const up = async () => {
    const { data } = (await (await fetch(new URL('/api/v1/targets', page))).json()) as Targets;
    return data.activeTargets
      .flatMap(({ health, labels }) => (health === 'up' ? [labels.process] : []))
      .sort();
  };
  await expect.poll(up).toEqual([...processNames, 'registry'].sort());
  const { data } = (await (await fetch(new URL('/api/v1/rules', page))).json()) as {
    data: { groups: { name: string }[] };
  };
  expect(data.groups.map(({ name }) => name)).toContain('rookery-alerts');
  run.kill('SIGTERM');
  await run.ended();
});
