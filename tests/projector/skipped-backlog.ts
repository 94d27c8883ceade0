import { verify } from '@rookery/projector';
import { projectionNames } from '@rookery/read-models/reducers';
import { expect } from 'vitest';
import { createHistory } from '../support/events/history.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/index.ts';
import { type ProjectorWorld, projectorWorld } from '../support/systems/projector-world.ts';

/** The settings of a world in which a projector skips a backlog of a few hundred events. */
const settings = { CATCH_UP_FROM: '300' };

/** A projector that has let all its consumers skip a backlog, and has applied nothing of it. */
export interface SkippedBacklog extends AsyncDisposable {
  readonly world: ProjectorWorld;
  /** Gives the projector its documents back, without which it could only wait. */
  letGo(): void;
  /** Records so many more events. */
  record(count: number): Promise<void>;
}

/** @param start starts a projector with these settings */
export const skippedBacklog = async (
  start: (world: ProjectorWorld, env: Record<string, string>) => Promise<unknown>,
): Promise<SkippedBacklog> => {
  await using stack = new AsyncDisposableStack();
  const world = stack.use(await projectorWorld({ settings }));
  const documentsUrl = world.env.DOCUMENTS_URL ?? '';
  const { hostname, port } = new URL(documentsUrl);
  const link = stack.use(await startFaultProxy({ host: hostname, port: Number(port) }));
  const history = createHistory();
  await world.record(history.next(2_500));
  const sinceOf = async (name: string) => (await world.queue.consumer(name)).since;
  const before = await Promise.all(projectionNames.map(sinceOf));
  // Busy with its first batch until all projections have skipped the rest.
  link.set({ kind: 'cut' });
  await start(world, { DOCUMENTS_URL: link.through(documentsUrl) });
  for (const [i, name] of projectionNames.entries())
    await eventually(async () => (await sinceOf(name)) !== before[i], { what: `${name} skips its backlog` });
  const resources = stack.move();
  return {
    world,
    letGo: () => link.set({ kind: 'pass' }),
    record: (count) => world.record(history.next(count)),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
};

/** Expects read models that equal what a rebuild makes of the same events. */
export const expectExact = async (
  { documents, eventStore, feeds }: ProjectorWorld,
  projections: readonly string[] = projectionNames,
): Promise<void> => {
  const { signal } = new AbortController();
  const verified = await verify({
    documents,
    eventStore,
    feeds,
    cap: 800,
    projections,
    signal,
  });
  expect(verified).toMatchObject({ differences: [], unsettled: [] });
};
