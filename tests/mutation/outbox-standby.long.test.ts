import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { processTree } from '../support/process-tree.ts';
import { freeze } from '../support/servers/freeze.ts';
import { replicatedPostgres } from '../support/servers/replicated-postgres.ts';
import { runSql } from '../support/servers/run-sql.ts';
import { freshGround, startMutationSubgraph } from '../support/systems/start-mutation.ts';
import { drain, openTestQueue } from './queue.ts';

it('publishes no sign-up that the synchronous standby does not have', async () => {
  await using postgres = await replicatedPostgres();
  const { primary, standby } = postgres;
  await using ground = await freshGround();
  await using queue = await openTestQueue(ground.nats.url);
  const addressOf = ({ url }: { readonly url: string }) => url.replace(/\/postgres$/, '/rookery');
  // The primary alone, as a subgraph finds it that starts while the standby is down.
  const env = { ...ground.env, POSTGRES_URL: addressOf(primary) };
  await using mutation = await startMutationSubgraph({ ...ground, env });
  const signUp = (handle: string) =>
    mutation.mutate(null, 'signUp', { handle, name: 'Somebody', password: 'long enough' });
  await signUp('before');
  expect(await drain(queue)).toHaveLength(1);
  await freeze(...processTree(standby.pid));
  await expect(signUp('between')).rejects.toThrow('SERVICE_UNAVAILABLE');
  // After a restart, the primary shows an account that nobody has acknowledged.
  await primary.restart();
  const barriers = `select from pg_stat_activity where wait_event = 'SyncRep' and query like '%emit_message%'`;
  const published = await eventually(
    async () => {
      const events = await drain(queue);
      const waiting = await runSql(addressOf(primary), barriers).catch(() => []);
      return events.length + waiting.length > 0 ? events : undefined;
    },
    { what: 'a sweep' },
  );
  expect(published).toEqual([]);
  standby.signal('SIGCONT');
  const [event] = await eventually(
    async () => {
      const events = await drain(queue);
      return events.length > 0 ? events : undefined;
    },
    { what: 'the sign-up once the standby has it' },
  );
  await postgres.promote();
  const accounts = await runSql(
    addressOf(standby),
    'select id, handle from accounts.accounts order by joined_at',
  );
  expect(accounts.map(({ handle }) => handle)).toEqual(['before', 'between']);
  expect(accounts[1]?.id).toBe(event?.id);
});
