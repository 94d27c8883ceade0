import { commands, runOps } from '@rookery/ops';
import { projectionNames } from '@rookery/read-models/reducers';
import { describe, expect, it } from 'vitest';
import { type Fact, posts, record, users } from '../support/events/recorded-events.ts';
import { sampleEvent } from '../support/events/sample-events.ts';
import { model } from '../support/model/social.ts';
import { expectDocuments } from '../support/systems/observe.ts';
import { projectorWorld } from '../support/systems/projector-world.ts';

/** Runs a command line and returns its exit code and output. */
const ops = async (env: Readonly<Record<string, string>>, ...argv: string[]) => {
  const said = { out: '', err: '', progress: [] as string[] };
  const code = await runOps(argv, {
    env,
    out: (text) => {
      said.out += `${text}\n`;
    },
    err: (text) => {
      said.err += `${text}\n`;
    },
    progress: (line) => {
      said.progress.push(line);
    },
  });
  return { code, ...said };
};

const likes = record(
  users.map(
    (actor): Fact => ({ name: 'rookery.post.liked', actor, subject: posts[0] as string, at: 0, data: {} }),
  ),
);

// Concurrent: they wait for servers that do not answer, and each has a world of its own.
describe.concurrent('ops', () => {
  it('explains itself, and says how it was called wrongly', async () => {
    expect(await ops({}, '--help')).toMatchObject({ code: 0, out: expect.stringContaining('replay') });
    expect(await ops({}, 'lag', '--help')).toMatchObject({ code: 0, out: expect.stringContaining('--max') });
    const wrong = [[], ['fly'], ['lag', '--most', '3'], ['lag', 'now']];
    for (const argv of wrong) expect(await ops({}, ...argv)).toMatchObject({ code: 2, out: '' });
    // The environment names no servers.
    expect(await ops({ DATA_DIR: '.rookery/nowhere' }, 'lag')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/NATS_URL is not set[\s\S]*a running `npm start` sets them/),
    });
  });

  it('explains each command, and refuses an option that it does not have', async () => {
    for (const name of Object.keys(commands)) {
      const { code, out, err } = await ops({}, name, '--help');
      expect([name, code, err]).toEqual([name, 0, '']);
      expect(out).toContain(`npm run ops -- ${name}`);
      expect(out).toContain('--json');
      expect(await ops({}, name, '--nonsense')).toMatchObject({ code: 2, out: '' });
    }
  });

  it('lag: how many events each projection is behind', async () => {
    await using world = await projectorWorld();
    await world.record(likes);
    const behind = await ops(world.env, 'lag', '--json');
    expect(behind.code).toBe(0);
    expect(JSON.parse(behind.out)).toMatchObject({
      head: 4,
      lastPublished: 4,
      worst: 4,
      recorder: { behind: 0 },
    });
    expect(await ops(world.env, 'lag', '--max', '3')).toMatchObject({
      code: 1,
      out: expect.stringContaining('behind by 4, more than 3'),
    });
    expect(await ops(world.env, 'lag', '--max', 'few')).toMatchObject({ code: 2 });
    // A check that cannot run is not a finding.
    const away = { ...world.env, NATS_URL: 'nats://127.0.0.1:1' };
    expect(await ops(away, 'lag', '--max', '3')).toMatchObject({ code: 3, out: '' });
    await world.start();
    await world.caughtUp();
    const fresh = await ops(world.env, 'lag', '--max', '0', '--json');
    expect(fresh.code).toBe(0);
    const { projections } = JSON.parse(fresh.out) as { projections: Record<string, unknown>[] };
    expect(projections.map(({ name }) => name).sort()).toEqual([...projectionNames].sort());
    for (const one of projections) {
      expect(one).toMatchObject({ ackFloor: 4, progress: 4, behind: 0, waiting: 0, attached: true });
    }
  });

  it('status: what answers and what does not', async () => {
    await using world = await projectorWorld();
    const { address } = await world.start();
    const env = {
      ...world.env,
      PROJECTOR_PORT: new URL(address).port,
      GATEWAY_PORT: '1',
      GATEWAY_METRICS_PORT: '1',
      RECORDER_PORT: '1',
      MUTATION_URL: 'http://127.0.0.1:1',
      QUERY_URL: 'http://127.0.0.1:1',
    };
    const { code, out } = await ops(env, 'status', '--json');
    expect(code).toBe(1);
    const { parts } = JSON.parse(out) as { parts: { name: string; ok: boolean }[] };
    expect(Object.fromEntries(parts.map(({ name, ok }) => [name, ok]))).toEqual({
      postgres: true,
      nats: true,
      documents: true,
      redis: true,
      projector: true,
      gateway: false,
      mutation: false,
      query: false,
      recorder: false,
    });
  });

  it('replay: brings back what was lost, and changes nothing twice', async () => {
    await using world = await projectorWorld();
    await world.start();
    await world.record(likes);
    await world.caughtUp();
    await world.documents.collection('likes').clear();
    await world.documents.collection('counts').clear();
    const found = await ops(world.env, 'replay', '--from', '1', '--projection', 'reactions', '--json');
    expect(found.code).toBe(0);
    expect(JSON.parse(found.out)).toMatchObject({ from: 1, to: 4, events: 4, failed: 0 });
    expect(found.progress.at(-1)).toContain('4 of 4');
    for (const from of ['1', '3'])
      expect(await ops(world.env, 'replay', '--from', from)).toMatchObject({ code: 0 });
    await expectDocuments(
      world.documents,
      model(likes),
      likes.map(({ event }) => event.id),
    );
    expect(await ops(world.env, 'replay')).toMatchObject({ code: 2 });
    expect(await ops(world.env, 'replay', '--from', '0')).toMatchObject({ code: 2 });
    expect(await ops(world.env, 'replay', '--from', '1', '--projection', 'nests')).toMatchObject({ code: 2 });
  });

  it('replay: reports events that cannot be applied, and applies the others', async () => {
    await using world = await projectorWorld();
    await world.record([...likes, sampleEvent({ type: 'rookery.post.liked.v1', data: { surprise: true } })]);
    const { code, out } = await ops(world.env, 'replay', '--from', '1');
    expect(code).toBe(1);
    expect(out).toMatch(/5 in every projection: .*surprise/);
    await expectDocuments(
      world.documents,
      model(likes),
      likes.map(({ event }) => event.id),
    );
  });
});
