import { exitCodes, runCommandLine, UsageError, wholeNumber } from '@rookery/command-line';
import {
  type FreshServer,
  freshPostgres,
  provideServers,
  type System,
  startSharedServers,
  startSystem,
} from '@rookery/tests/support';
import { atLeast, atMost, type Bound, boundsToText, isHeld } from './bound.ts';
import { cpuFigures, cpuReader } from './cpu.ts';
import { measureDelivery } from './delivery.ts';
import { GatewayClient } from './gateway-client.ts';
import { repeat } from './measure.ts';
import { body, publishPost } from './publish-post.ts';
import { type Result, toText } from './result.ts';
import { createAuthors } from './writes/authors.ts';
import { measurePostRate } from './writes/rate.ts';

const usage = `npm run bench:writes -- [--clients N] [--posts N] [--followers N] [--only rate|answer|delivery] [--json]

Measures the write path from end to end, through the gateway, on servers and processes of its own:
  rate      posts per second that are accepted and projected to their followers, and CPU time per post by process
  answer    time of the answer with one client, and CPU time per post by process, which compete with it
  delivery  time from sending a post to its arrival on the open page of a follower
Options:
  --clients N    concurrent clients of the rate (32)
  --posts N      posts of the rate, after a tenth as many to warm up (5000)
  --followers N  followers of each author, all with a feed that Redis holds (5)
  --only NAME    one of them (may be repeated)
  --json         one JSON object on standard output
Exit codes: 0 every goal is held, 1 one is not, 2 wrong arguments, 3 could not measure.`;

const options = {
  clients: { type: 'string', default: '32' },
  posts: { type: 'string', default: '5000' },
  followers: { type: 'string', default: '5' },
  only: { type: 'string', multiple: true },
  json: { type: 'boolean', default: false },
} as const;

interface Run {
  readonly system: System;
  readonly postgres: FreshServer;
  readonly clients: number;
  readonly posts: number;
  readonly followers: number;
}

interface Part extends Result {
  readonly goals: readonly Bound[];
}

const say = (line: string): void => console.error(`  … ${line}`);

const rate = async (run: Run): Promise<Part> => {
  const { system, postgres, clients, posts, followers } = run;
  say(`signing up ${clients} authors and ${followers} followers`);
  const authors = await createAuthors(system, { authors: clients, followers });
  const readCpu = cpuReader(system, postgres);
  say('warming up');
  await measurePostRate(system, authors, { clients, posts: Math.ceil(posts / 10), readCpu });
  say(`${posts} posts by ${clients} clients`);
  const { answers, projectedPerSecond, cpu } = await measurePostRate(system, authors, {
    clients,
    posts,
    readCpu,
  });
  return {
    name: `rate: ${posts} posts by ${clients} clients, each to ${followers} followers`,
    figures: {
      'accepted and projected, posts per second': projectedPerSecond,
      'accepted, posts per second': answers.perSecond,
      'answer, p50 ms': answers.p50,
      'answer, p99 ms': answers.p99,
      ...cpu,
    },
    reading: 'CPU time is the figure to trust on a machine that does other work as well',
    goals: [atLeast('posts accepted and projected per second', projectedPerSecond, 1_000)],
  };
};

const answers = 1_000;

const answer = async ({ system, postgres }: Run): Promise<Part> => {
  const author = await system.signUp();
  const readCpu = cpuReader(system, postgres);
  await using client = new GatewayClient(system.gatewayUrl, author.token);
  const post = () => client.ask(publishPost, { input: { body } });
  say('one client');
  await repeat(300, 1, post);
  const before = readCpu();
  const { p50, p99, perSecond } = await repeat(answers, 1, post);
  return {
    name: 'answer: one client, one post after the other',
    figures: {
      'answer, p50 ms': p50,
      'answer, p99 ms': p99,
      'posts per second': perSecond,
      ...cpuFigures('post', answers, before, readCpu()),
    },
    reading: 'from sending the request to the answer, through the gateway',
    goals: [atMost('answer with one client, p50 ms', p50, 2.5)],
  };
};

const delivery = async ({ system }: Run): Promise<Part> => {
  say('posts to an open page');
  const { fromSend, fromAnswer, steps } = await measureDelivery(system, 300);
  return {
    name: 'delivery: from sending a post to its arrival on the open page of a follower',
    figures: {
      'from sending, p50 ms': fromSend.p50,
      'from sending, p99 ms': fromSend.p99,
      'after the answer to the author, p50 ms': fromAnswer.p50,
      ...Object.fromEntries(
        Object.entries(steps).map(([step, p50]) => [`from sending, ${step}, p50 ms`, p50]),
      ),
    },
    reading: 'below 0 after the answer: the page had it before the author',
    goals: [atMost('post to live delivery, p50 ms', fromSend.p50, 15)],
  };
};

const parts: Readonly<Record<string, (run: Run) => Promise<Part>>> = { rate, answer, delivery };

const measure = async (
  chosen: readonly string[],
  sizes: Pick<Run, 'clients' | 'posts' | 'followers'>,
  onResult: (result: Part) => void,
): Promise<Part[]> => {
  const { servers, stop } = await startSharedServers(say);
  try {
    provideServers(servers);
    // Its own, so that its CPU time is known, and durable as in production.
    await using postgres = await freshPostgres();
    await using system = await startSystem({ postgresUrl: postgres.url, env: { LOG_LEVEL: 'warn' } });
    const results: Part[] = [];
    for (const name of chosen) {
      console.error(`${name}:`);
      const result = await parts[name]?.({ system, postgres, ...sizes });
      if (!result) continue;
      results.push(result);
      onResult(result);
    }
    return results;
  } finally {
    await stop();
  }
};

try {
  process.exitCode = await runCommandLine({
    name: 'bench:writes',
    usage,
    options,
    async run({ only, json, ...sizes }) {
      const chosen = only ?? Object.keys(parts);
      const unknown = chosen.find((name) => !Object.hasOwn(parts, name));
      if (unknown !== undefined) throw new UsageError(`there is no ${unknown} to measure`);
      const results = await measure(
        chosen,
        {
          clients: wholeNumber('clients', sizes.clients, 1, 1_000),
          posts: wholeNumber('posts', sizes.posts, 10),
          followers: wholeNumber('followers', sizes.followers, 1, 100),
        },
        (result) => json || console.log(`${toText(result)}\n`),
      );
      const goals = results.flatMap((result) => result.goals);
      if (json) console.log(JSON.stringify({ results }));
      else console.log(`goals\n${boundsToText(goals)}`);
      return goals.every(isHeld) ? exitCodes.ok : exitCodes.problem;
    },
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = exitCodes.couldNotRun;
}
