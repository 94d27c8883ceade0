import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommandLine, wholeNumber } from '@rookery/command-line';
import { readConfig } from '@rookery/runtime';
import { type Api, ApiError, connect } from './api.ts';
import { createNetwork, type Network } from './bulk/network.ts';
import { newPassword, readCredentials, writeCredentials } from './credentials.ts';
import { lesMiserables } from './les-miserables.ts';
import { logIn, type Session, sessionOf } from './operations.ts';
import { countOf, type Plan } from './plan.ts';
import { concurrency, play } from './play.ts';
import { powerLaw } from './power-law.ts';
import { showProgress } from './progress.ts';
import { describeSights, sightsOf } from './sights.ts';

/** Number of people from which a network is written straight into the stores. */
const bulkFrom = 2_000;

const help = `Loads a demo network into a running Rookery.

  npm run demo                     77 people of Les Misérables, and who appears with whom
  npm run demo -- --users 10000    so many people, with a power-law number of followers
  npm run demo -- --json           the outcome as one JSON object, with a session token

Up to ${(bulkFrom - 1).toLocaleString('en')} people act through the public API. More are written straight into the stores of
the npm start that uses DATA_DIR: 100,000 people with 1.5 million events in a few minutes. What is accepted meanwhile waits
in the queue.

  --seed N        another network of the same size, from ${bulkFrom.toLocaleString('en')} people on (1)
  GATEWAY_URL     address of the gateway (default: this machine, at GATEWAY_PORT)
  DEMO_PASSWORD   password of everybody in it (else one made up; it is kept in DATA_DIR/demo.json)

An interrupted run resumes if it is started again.
`;

const options = {
  users: { type: 'string' },
  seed: { type: 'string', default: '1' },
  json: { type: 'boolean', default: false },
} as const;

interface Loaded {
  readonly session: Session;
  readonly users: number;
  readonly posts: number;
  readonly follows: number;
}

interface Credentials {
  readonly password: string;
  readonly dataDir: string;
}

/** A network that can be loaded, and the handle of a person in it. */
interface Choice {
  readonly handle: string;
  run(api: Api, credentials: Credentials): Promise<Loaded>;
}

const choose = (users: number | undefined, seed: number): Choice => {
  if (users !== undefined && users >= bulkFrom) {
    const network = createNetwork({ people: users, seed });
    return {
      handle: network.handles.mostFollowed,
      run: (api, credentials) => loadInBulk(network, api, credentials),
    };
  }
  const plan = users === undefined ? lesMiserables() : powerLaw(users);
  return { handle: plan.guide, run: (api, { password }) => loadThroughApi(plan, api, password) };
};

const loadThroughApi = async (plan: Plan, api: Api, password: string): Promise<Loaded> => {
  const progress = showProgress(plan.people.length + plan.phases.reduce((n, p) => n + p.calls.length, 0));
  return {
    session: await play(plan, api, password, progress).finally(progress.stop),
    users: plan.people.length,
    posts: countOf(plan, 'publishPost'),
    follows: countOf(plan, 'followUser'),
  };
};

const loadInBulk = async (
  network: Network,
  api: Api,
  { password, dataDir }: Credentials,
): Promise<Loaded> => {
  const { loadIntoRunning } = await import('./bulk/run.ts');
  const progress = showProgress(2 * network.expectedEvents);
  const { eventsOf, people } = await loadIntoRunning({ network, password, dataDir, progress }).finally(
    progress.stop,
  );
  return {
    session: sessionOf(await api.send(logIn(network.handles.mostFollowed, password))),
    users: people.size,
    posts: eventsOf.get('rookery.post.published.v1') ?? 0,
    follows: eventsOf.get('rookery.user.followed.v1') ?? 0,
  };
};

const load = async (users: number | undefined, seed: number, json: boolean): Promise<void> => {
  const { DATA_DIR, GATEWAY_PORT } = readConfig(['DATA_DIR', 'GATEWAY_PORT']);
  const dataDir = resolve(fileURLToPath(new URL('../..', import.meta.url)), DATA_DIR);
  const url = process.env.GATEWAY_URL || `http://127.0.0.1:${GATEWAY_PORT}`;

  const start = performance.now();
  await using api = connect(url, concurrency);
  await api.send({ query: '{ __typename }', variables: {} }, 3_000);

  const { handle, run } = choose(users, seed);
  const before = readCredentials(dataDir);
  const password = process.env.DEMO_PASSWORD || before?.password || newPassword();
  // Saved before the first sign-up, so that an interrupted run can resume.
  if (!before) writeCredentials(dataDir, { handle, password, loaded: false });

  const { session, ...counts } = await run(api, { password, dataDir });
  // Visitors always log in as a person of the book, whatever else is loaded.
  if (users === undefined) writeCredentials(dataDir, { handle, password, loaded: true });

  const sights = await sightsOf(api, session.token);
  const outcome = {
    handle,
    userId: session.user.id,
    token: session.token,
    ...counts,
    ...sights,
    seconds: Math.round((performance.now() - start) / 10) / 100,
  };
  if (json) console.log(JSON.stringify(outcome));
  else {
    console.log(
      `${outcome.users} people, ${outcome.follows} follows, ${outcome.posts} posts in ${outcome.seconds} s; look around as ${outcome.handle} (npm run demo -- --json gives a token)`,
    );
    console.log(describeSights(outcome.handle, sights));
  }
};

try {
  process.exitCode = await runCommandLine({
    name: 'demo',
    usage: help,
    options,
    async run({ users, seed, json }) {
      await load(
        users === undefined ? undefined : wholeNumber('users', users, 2, 1_000_000),
        wholeNumber('seed', seed, 0),
        json,
      );
      return 0;
    },
  });
} catch (error) {
  if (!(error instanceof Error)) throw error;
  console.error(`demo: ${error instanceof ApiError ? `${error.code}: ` : ''}${error.message}`);
  process.exitCode = 1;
}
