import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { postgresAt } from '@rookery/postgres';
import { expect, it } from 'vitest';
import { freshDatabase, useServers } from '../support/index.ts';

it('every connection reaches a server that refuses the credential that is listed first', async () => {
  await using resources = new AsyncDisposableStack();
  const { url } = resources.use(await freshDatabase());
  const { host, pathname, username, password } = new URL(url);
  const file = join(mkdtempSync(join(useServers().dir, 'credentials-')), 'postgres');
  writeFileSync(file, `${username}:not this one\n${username}:${decodeURIComponent(password)}\n`);
  const server = postgresAt(`postgres://${host}${pathname}?credentials-file=${file}`);

  const pool = server.openPool({ max: 3 });
  resources.defer(() => pool.end());
  const answers = await Promise.all([1, 2, 3].map((n) => pool.query(`select ${n} as n`)));
  expect(answers.map(({ rows }) => rows[0].n)).toEqual([1, 2, 3]);

  const again = postgresAt(`postgres://${host}${pathname}?credentials-file=${file}`);
  const client = await again.connect({});
  resources.defer(() => client.end());
  expect((await client.query('select current_user as name')).rows).toEqual([{ name: username }]);
});
