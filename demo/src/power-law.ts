import type { Call, Person, Plan } from './plan.ts';

/** Creates a repeatable sequence of numbers from 0 up to 1: mulberry32, by T. Ettinger (public domain). */
export const numbersFrom = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** Numbers that decide who follows whom. */
interface Habits {
  /** Maximum number of people that each newcomer follows. */
  readonly followsEach: number;
  /** Probability that a followed person follows back. */
  readonly followsBack: number;
}

const usualHabits: Habits = { followsEach: 10, followsBack: 0.25 };

/**
 * Yields the follows that each of `n` people brings about by joining, as pairs of numbers. People join one by one, and each
 * follows some of those present, with a probability proportional to followers + 1, which gives the number of followers a
 * power-law tail (D. de Solla Price, A general theory of bibliometric and other cumulative advantage
 * processes, 1976). The same `n` gives the same graph.
 */
export function* powerLawJoins(
  n: number,
  random: () => number,
  { followsEach, followsBack }: Habits = usualHabits,
): Generator<[number, number][], void, void> {
  // Contains everyone once, plus once for each follower: a uniform choice from it has the required
  // probability.
  const urn: number[] = [];
  for (let newcomer = 0; newcomer < n; newcomer++) {
    const follows: [number, number][] = [];
    const chosen = new Set<number>();
    for (let i = 0; i < Math.min(followsEach, newcomer); i++) {
      const pick = urn[Math.floor(random() * urn.length)];
      if (pick !== undefined) chosen.add(pick);
    }
    urn.push(newcomer);
    for (const followed of chosen) {
      follows.push([newcomer, followed]);
      urn.push(followed);
      if (random() >= followsBack) continue;
      follows.push([followed, newcomer]);
      urn.push(newcomer);
    }
    yield follows;
  }
}

/** Returns the follows among `n` people as pairs of numbers: see powerLawJoins. */
export const powerLawFollows = (n: number): [number, number][] =>
  [...powerLawJoins(n, numbersFrom(n))].flat();

/**
 * Returns the plan of a network of `n` people with a power-law number of followers. Every text in it is a
 * fact of the graph.
 */
export const powerLaw = (n: number): Plan => {
  const random = numbersFrom(n + 1);
  const digits = String(n).length;
  // The handle contains the size, so that networks of several sizes can coexist.
  const people = Array.from({ length: n }, (_, i): Person => {
    const number = String(i + 1).padStart(digits, '0');
    return { handle: `net${n}_${number}`, name: `Person ${number} of ${n}` };
  });
  const handle = (i: number): string => people[i]?.handle ?? '';
  const edges = powerLawFollows(n);
  const followers = new Array<number>(n).fill(0);
  const following = new Array<number>(n).fill(0);
  for (const [from, to] of edges) {
    followers[to] = (followers[to] ?? 0) + 1;
    following[from] = (following[from] ?? 0) + 1;
  }

  const posts = people.map(
    (person, i): Call => ({
      field: 'publishPost',
      actor: person.handle,
      post: person.handle,
      body: `${followers[i]} of ${n} follow me, and I follow ${following[i]}.`,
    }),
  );
  const some = (share: number) => edges.filter(() => random() < share);
  const most = followers.reduce((best, count, i) => (count > (followers[best] ?? 0) ? i : best), 0);
  return {
    people,
    guide: handle(most),
    phases: [
      {
        title: 'follows',
        calls: edges.map(([from, to]) => ({ field: 'followUser', actor: handle(from), user: handle(to) })),
      },
      { title: 'posts', calls: posts },
      {
        title: 'replies',
        calls: some(0.02).map(([from, to]) => ({
          field: 'publishPost',
          actor: handle(from),
          post: `${handle(to)}/${handle(from)}`,
          body: `Here I am one of ${followers[to]}.`,
          inReplyTo: handle(to),
        })),
      },
      {
        title: 'likes',
        calls: some(0.2).map(([from, to]) => ({ field: 'likePost', actor: handle(from), post: handle(to) })),
      },
      {
        title: 'shares',
        calls: some(0.02).map(([from, to]) => ({
          field: 'sharePost',
          actor: handle(from),
          post: handle(to),
        })),
      },
    ],
  };
};
