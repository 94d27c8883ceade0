import { appendNetwork, createNetwork, type Network } from '@rookery/demo/bulk';
import { openBulkWriter, openEventStore } from '@rookery/event-store';
import { openAccountDatabase } from '@rookery/mutation/accounts';
import { freshPostgres, opsProcess } from '@rookery/tests/support';
import { password } from '../member.ts';
import { everyTenth, type Say } from '../progress.ts';
import { quiet } from '../quiet-log.ts';

/** Number of followings of the reader whose page is compared: the chroniclers. */
const followings = 10;

/** Returns a network of about this many events, with one reader. */
export const networkOf = (events: number): Network => {
  const withPeople = (people: number): Network => createNetwork({ people, readers: [followings] });
  const [few, many] = [1_000, 2_000];
  const each = (withPeople(many).expectedEvents - withPeople(few).expectedEvents) / (many - few);
  const others = withPeople(few).expectedEvents - few * each;
  return withPeople(Math.max(20, Math.round((events - others) / each)));
};

/** Runs an operator command, which shows its progress. Returns its result. */
export const ops = async <T>(env: NodeJS.ProcessEnv, ...argv: string[]): Promise<T> => {
  const { code, json } = await opsProcess(env, ...argv);
  if (code !== 0) throw new Error(`ops ${argv[0]} ended with exit code ${code}: ${JSON.stringify(json)}`);
  return json as T;
};

/** Writes a network into an event store in bulk, and backs it up. Returns the number of events and the seconds of each step. */
export const makeBackup = async (network: Network, dir: string, say: Say) => {
  await using postgres = await freshPostgres();
  const { signal } = new AbortController();
  const start = performance.now();
  const appended = await append(network, postgres.url, signal, say);
  const made = performance.now();
  say(`backing up ${appended.events.toLocaleString('en')} events`);
  const unused = { NATS_URL: 'nats://127.0.0.1:1', REDIS_URL: 'redis://127.0.0.1:1', DATA_DIR: dir };
  await ops({ ...unused, POSTGRES_URL: postgres.url, DOCUMENTS_URL: postgres.url }, 'backup', '--to', dir);
  return {
    events: appended.events,
    seconds: { make: (made - start) / 1_000, backup: (performance.now() - made) / 1_000 },
  };
};

const append = async (network: Network, url: string, signal: AbortSignal, say: Say) => {
  await using open = new AsyncDisposableStack();
  const eventStore = open.adopt(openEventStore(url, { log: quiet }), (store) => store.close());
  const accounts = open.adopt(openAccountDatabase(url, quiet), (database) => database.close());
  await eventStore.prepare();
  const writer = open.use(await openBulkWriter(url, { log: quiet, signal }));
  const report = everyTenth(say);
  const onProgress = (_phase: string, done: number, of: number): void => report('making events', done, of);
  return await appendNetwork({ network, password, eventStore, accounts, onProgress }, writer, signal);
};
