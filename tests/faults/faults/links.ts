import type { LinkState } from '../../support/index.ts';
import { type LinkName, linkNames } from '../arena.ts';
import type { Fault, FaultContext } from '../fault.ts';

const row = 'every link: delay, cut, half-open, throttle, reset';

/** Puts some links into a state for a while; fired once bytes or connections met it. */
const harm = async (
  { arena, hold, fired }: FaultContext,
  names: readonly LinkName[],
  state: LinkState,
  seconds: number,
): Promise<void> => {
  const before = names.map((name) => arena.links[name].counts.harmed);
  for (const name of names) arena.links[name].set(state);
  await hold(seconds);
  for (const [i, name] of names.entries()) {
    const harmed = arena.links[name].counts.harmed - (before[i] ?? 0);
    if (harmed > 0) fired(`${name} ${state.kind}: ${harmed} times`);
    arena.links[name].set({ kind: 'pass' });
  }
};

export const linkFaults: readonly Fault[] = [
  {
    name: 'links-reset',
    row,
    expected: 'retries are safe; everybody reconnects',
    async run({ arena, random, fired, hold }) {
      for (let i = 1; i <= 8; i++) {
        const name = random.pick(linkNames);
        const reset = arena.links[name].reset();
        if (reset > 0) fired(`${reset} connections of ${name} reset`);
        await hold(1);
      }
    },
  },
  {
    name: 'links-delayed',
    row,
    expected: 'slower, and nothing else',
    run: (context) =>
      harm(context, context.random.shuffle(linkNames).slice(0, 4), { kind: 'delay', ms: 150 }, 8),
  },
  {
    name: 'links-throttled',
    row,
    expected: 'back-pressure, and nothing else',
    run: (context) =>
      harm(
        context,
        context.random.shuffle(linkNames).slice(0, 4),
        { kind: 'throttle', bytesPerSecond: 20_000 },
        8,
      ),
  },
  {
    name: 'link-cut',
    row,
    expected: 'a clear refusal, or nothing to notice',
    async run(context) {
      for (const name of context.random.shuffle(linkNames).slice(0, 3))
        await harm(context, [name], { kind: 'cut' }, 4);
    },
  },
  {
    name: 'link-half-open',
    row,
    expected: 'timeouts fire; nothing hangs forever',
    async run(context) {
      for (const name of context.random.shuffle(linkNames).slice(0, 2))
        await harm(context, [name], { kind: 'half-open' }, 8);
    },
  },
  {
    name: 'subgraphs-cut-off',
    row,
    expected: 'writes or reads are refused clearly; the other half goes on',
    async run(context) {
      await harm(context, ['gateway-mutation'], { kind: 'cut' }, 4);
      await harm(context, ['gateway-query'], { kind: 'half-open' }, 12);
    },
  },
];
