import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { lockTable } from '../../support/index.ts';
import type { Fault, FaultContext } from '../fault.ts';
import { perform, signUp } from '../workload/send.ts';
import { lacks, ops, opsLogFile, startOps } from './ops.ts';

/** Reads of a page of a feed, one after the other, until stopped: how long each took, and how many failed. */
const readAllTheWhile = ({ workload }: FaultContext) => {
  const { world, readers } = workload;
  const reader = readers[0]?.person;
  const took: number[] = [];
  let failed = 0;
  let stopped = false;
  const running = (async () => {
    while (!stopped && reader) {
      const reply = await world.client.ask<{ friendsFeed: unknown }>(
        '{ friendsFeed(first: 10) { edges { node { id } } } }',
        {},
        { token: reader.token },
      );
      took.push(reply.took);
      if (!reply.data?.friendsFeed || reply.codes.length > 0) failed += 1;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  return async () => {
    stopped = true;
    await running;
    const sorted = took.toSorted((a, b) => a - b);
    return { failed, reads: took.length, median: sorted[sorted.length >> 1] ?? 0 };
  };
};

/** Somebody who follows the herald and does nothing else, once that is projected: the id of the relation. */
const madeFollower = async ({ workload, until }: FaultContext, client: pg.Client): Promise<string> => {
  const { world, herald } = workload;
  const follower = await signUp(world, `quiet_${randomUUID().slice(0, 8)}`);
  if (!follower) throw new Error('nobody could sign up');
  await perform(world, follower, {
    action: 'follow',
    subject: herald.id,
    data: {},
    key: randomUUID(),
  });
  let id: string | undefined;
  await until('a new follower is projected', 20_000, async () => {
    const { rows } = await client.query<{ id: string }>(
      `select id from documents.follows where doc->>'actor' = $1`,
      [follower.id],
    );
    id = rows[0]?.id;
    return id !== undefined;
  });
  return id ?? '';
};

/**
 * A row edited, one deleted and one added behind everybody's back: rows that no client affectedIds, since whatever is
 * written to a forged document next may well mend it; nor of one who listens, who would rightly miss what comes while
 * the relation is gone. Answers what was done to which document.
 */
const tamper = async (context: FaultContext): Promise<Record<'edited' | 'deleted' | 'added', string>> => {
  const { arena, workload } = context;
  const client = new pg.Client({ connectionString: arena.urls.documents });
  await client.connect();
  try {
    const deleted = await madeFollower(context, client);
    const posts = await client.query<{ id: string }>(
      `select id from documents.posts where doc->>'author' = $1 order by id limit 1`,
      [workload.herald.id],
    );
    const [edited, added] = [posts.rows[0]?.id, 'forged:like'];
    if (edited === undefined) throw new Error('nothing to tamper with yet');
    await client.query(
      `update documents.posts set doc = jsonb_set(doc, '{body}', '"forged"'), revision = revision + 1 where id = $1`,
      [edited],
    );
    await client.query('delete from documents.follows where id = $1', [deleted]);
    await client.query(
      `insert into documents.likes (id, revision, doc) select $1, 1, doc from documents.follows limit 1`,
      [added],
    );
    return { edited, deleted, added };
  } finally {
    await client.end();
  }
};

const tampered = (name: string, mend: readonly string[], expected: string): Fault => ({
  name,
  row: 'projection tampered with (row edited, deleted, added)',
  expected,
  missing: lacks('verify'),
  // A system whose documents nobody has moved elsewhere.
  arena: async () => ({}),
  async run(context) {
    const { arena, expect, figure, fired, hold } = context;
    await hold(5);
    const done = await tamper(context);
    const start = performance.now();
    fired(`edited posts/${done.edited}, deleted follows/${done.deleted}, added likes/${done.added}`);
    const found = await ops(arena, 'verify', '--json');
    figure('tampering detected', performance.now() - start);
    expect('verify finds that something is wrong', found.code === 1, found.code);
    for (const id of Object.values(done))
      expect(`verify names ${id}`, found.said.includes(id), found.said.slice(-500));
    const mended = await ops(arena, ...mend);
    figure(`tampering mended by ${mend[0]}`, performance.now() - start);
    expect(`${mend[0]} succeeds`, mended.code === 0, {
      code: mended.code,
      said: `${mended.said.slice(0, 1_000)} … ${mended.said.slice(-500)}`,
    });
    const again = await ops(arena, 'verify', '--json');
    expect('verify finds nothing more', again.code === 0, again.said.slice(-500));
  },
});

export const projectionFaults: readonly Fault[] = [
  {
    name: 'statement-slow',
    row: 'a statement that takes too long',
    expected:
      'writes go on; no event becomes a dead letter for it, since the store and not an event is slow; reads of the rest go on',
    async run({ arena, workload: { world, readers }, expect, fired, hold, until }) {
      await using likes = await lockTable(arena.urls.documents, 'documents.likes');
      await until('somebody waits for the table', 20_000, async () => (await likes.waiting()) > 0);
      fired('statements on likes wait for a lock, and are given up by the server');
      const token = readers[0]?.person.token ?? '';
      const { data } = await world.client.ask<{ me: unknown }>('{ me { handle } }', {}, { token });
      expect('reads of other tables go on', data?.me !== undefined && data.me !== null, data);
      await hold(15);
    },
  },
  tampered('projection-tampered-repair', ['repair'], 'verify names each; repair mends just those'),
  tampered('projection-tampered-rebuild', ['rebuild', 'all'], 'verify names each; a rebuild mends them'),
  {
    name: 'rebuild-under-load',
    row: 'rebuild under load, killed half way',
    expected: 'live answers throughout; a restart resumes; the swap is atomic',
    missing: lacks('rebuild'),
    arena: async () => ({}),
    async run(context) {
      const { arena, expect, figure, fired, hold } = context;
      await hold(10);
      const stopReading = readAllTheWhile(context);
      const logFile = opsLogFile(arena);
      const first = await startOps(arena, ['rebuild', 'all'], logFile);
      // Somewhere in the middle: once it has said how far it is, or has ended.
      for (let i = 0; i < 400 && !first.hasExited; i++) {
        if (/[1-9]\d* of \d+/.test(readFileSync(logFile, 'utf8'))) break;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      const ended = first.hasExited;
      first.kill('SIGKILL');
      await first.exited;
      fired(ended ? 'rebuild under load, over before it could be killed' : 'rebuild killed half way');
      const start = performance.now();
      const { code, said } = await ops(arena, 'rebuild', 'all');
      figure('rebuild resumed and swapped', performance.now() - start);
      expect('the rebuild is taken up and ends well', code === 0, said.slice(-500));
      const { failed, reads, median } = await stopReading();
      figure('reads during a rebuild, median', median);
      expect('reads never fail', failed === 0, { failed, reads });
      const { code: verified, said: verdict } = await ops(arena, 'verify', '--json');
      expect('verify agrees', verified === 0, verdict.slice(-500));
    },
  },
];
