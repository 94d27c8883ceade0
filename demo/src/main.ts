import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommandLine, wholeNumber } from '@rookery/command-line';
import { readConfig } from '@rookery/runtime';
import { ApiError, connect } from './api.ts';
import { newPassword, readCredentials, writeCredentials } from './credentials.ts';
import { lesMiserables } from './les-miserables.ts';
import { countOf } from './plan.ts';
import { concurrency, play } from './play.ts';
import { powerLaw } from './power-law.ts';
import { showProgress } from './progress.ts';

const help = `Loads a demo network into a running Rookery, through its public API.

  npm run demo                     77 people of Les Misérables, and who appears with whom
  npm run demo -- --users 10000    so many people, with a power-law number of followers
  npm run demo -- --json           the outcome as one JSON object, with a session token

  GATEWAY_URL     address of the gateway (default: this machine, at GATEWAY_PORT)
  DEMO_PASSWORD   password of everybody in it (else one made up; it is kept in DATA_DIR/demo.json)

An interrupted run resumes if it is started again.
`;

const options = {
  users: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

const load = async (users: number | undefined, json: boolean): Promise<void> => {
  const { DATA_DIR, GATEWAY_PORT } = readConfig(['DATA_DIR', 'GATEWAY_PORT']);
  const dataDir = resolve(fileURLToPath(new URL('../..', import.meta.url)), DATA_DIR);
  const url = process.env.GATEWAY_URL || `http://127.0.0.1:${GATEWAY_PORT}`;

  const start = performance.now();
  const plan = users === undefined ? lesMiserables() : powerLaw(users);
  await using api = connect(url, concurrency);
  await api.send({ query: '{ __typename }', variables: {} }, 3_000);

  const before = readCredentials(dataDir);
  const password = process.env.DEMO_PASSWORD || before?.password || newPassword();
  // Saved before the first sign-up, so that an interrupted run can resume.
  if (!before) writeCredentials(dataDir, { handle: plan.guide, password, loaded: false });

  const progress = showProgress(plan.people.length + plan.phases.reduce((n, p) => n + p.calls.length, 0));
  const { token, user } = await play(plan, api, password, progress).finally(progress.stop);
  // Visitors always log in as a person of the book, whatever else is loaded.
  if (users === undefined) writeCredentials(dataDir, { handle: plan.guide, password, loaded: true });

  const outcome = {
    handle: plan.guide,
    userId: user.id,
    token,
    users: plan.people.length,
    posts: countOf(plan, 'publishPost'),
    follows: countOf(plan, 'followUser'),
    seconds: Math.round((performance.now() - start) / 10) / 100,
  };
  if (json) console.log(JSON.stringify(outcome));
  else {
    console.log(
      `${outcome.users} people, ${outcome.follows} follows, ${outcome.posts} posts in ${outcome.seconds} s; look around as ${outcome.handle} (npm run demo -- --json gives a token)`,
    );
  }
};

try {
  process.exitCode = await runCommandLine({
    name: 'demo',
    usage: help,
    options,
    async run({ users, json }) {
      await load(users === undefined ? undefined : wholeNumber('users', users, 2, 1_000_000), json);
      return 0;
    },
  });
} catch (error) {
  if (!(error instanceof Error)) throw error;
  console.error(`demo: ${error instanceof ApiError ? `${error.code}: ` : ''}${error.message}`);
  process.exitCode = 1;
}
