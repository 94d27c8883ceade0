import { readFileSync } from 'node:fs';
import type { Call, Person, Plan } from './plan.ts';

/**
 * Co-appearances in Les Misérables: D. E. Knuth, The Stanford GraphBase (Addison-Wesley 1993), as published
 * by vega-datasets. `value` is the number of chapters in which both appear.
 */
interface Coappearances {
  readonly nodes: readonly { readonly name: string }[];
  readonly links: readonly { readonly source: number; readonly target: number; readonly value: number }[];
}

/** A person, from the view of another one. */
interface Companion extends Person {
  readonly chapters: number;
}

/** Splits labels such as `CountessdeLo`, `Mlle.Baptistine` and `Woman1` into words. */
const nameOf = (label: string): string =>
  label
    .replaceAll(/de(?=[A-Z])/g, ' de ')
    .replaceAll(/\.(?=\S)/g, '. ')
    .replaceAll(/([a-z])(?=[A-Z0-9])/g, '$1 ');

const handleOf = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');

const chapters = (n: number): string => (n === 1 ? '1 chapter' : `${n} chapters`);

const list = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

/** Returns each person's companions, most frequent first. */
const companionsOf = ({ nodes, links }: Coappearances): Map<Person, Companion[]> => {
  const people = nodes.map(({ name: label }) => {
    const name = nameOf(label);
    return { handle: handleOf(name), name };
  });
  const companions = new Map(people.map((person): [Person, Companion[]] => [person, []]));
  const tie = (a: Person | undefined, b: Person | undefined, value: number) => {
    if (a && b) companions.get(a)?.push({ ...b, chapters: value });
  };
  for (const { source, target, value } of links) {
    tie(people[source], people[target], value);
    tie(people[target], people[source], value);
  }
  for (const known of companions.values()) known.sort((a, b) => b.chapters - a.chapters);
  return companions;
};

/** Number of rounds of posts after the first: one for each of the closest companions. */
const rounds = 3;

/** Returns the plan of the network. Every text in it is a fact of the data. */
export const planFrom = (data: Coappearances): Plan => {
  const companions = companionsOf(data);
  const people = [...companions.keys()];
  const known = new Map([...companions].map(([person, list]) => [person.handle, list]));
  const everybody = [...companions].map(([person, list]) => ({ person, companions: list }));

  const follows = everybody.flatMap(({ person, companions: list }) =>
    list.map(({ handle }): Call => ({ field: 'followUser', actor: person.handle, user: handle })),
  );

  const introductions = everybody.map(
    ({ person, companions: list }): Call => ({
      field: 'publishPost',
      actor: person.handle,
      post: person.handle,
      body: `I appear with ${list.length} of the ${people.length - 1} others in #LesMisérables, most with @${list[0]?.handle}.`,
    }),
  );

  /** Posts about one companion, by round. */
  const about = Array.from({ length: rounds }, (_, round) =>
    everybody.flatMap(({ person, companions: list }) => {
      const companion = list[round];
      return companion ? [{ person, companion, post: `${person.handle}/${companion.handle}` }] : [];
    }),
  );
  const portraits = about.map((posts) =>
    posts.map(
      ({ person, companion, post }): Call => ({
        field: 'publishPost',
        actor: person.handle,
        post,
        body: `In ${chapters(companion.chapters)} with ${companion.name}.`,
      }),
    ),
  );

  const replies = about.flat().flatMap(({ person, companion, post }): Call[] => {
    const mine = known.get(companion.handle) ?? [];
    const common = mine
      .filter((c) => known.get(person.handle)?.some((d) => d.handle === c.handle))
      .map((c) => c.name);
    const most = mine[0];
    const body =
      most?.handle === person.handle
        ? 'With nobody in more.'
        : common.length >= 3
          ? `We both appear with ${list(common.slice(0, 3))}.`
          : most && `With ${most.name} in ${chapters(most.chapters)}.`;
    if (!body) return [];
    return [{ field: 'publishPost', actor: companion.handle, post: `${post}/reply`, body, inReplyTo: post }];
  });

  const likes = [
    ...everybody.flatMap(({ person, companions: list }) =>
      list
        .filter((c) => c.chapters > 1)
        .map((c): Call => ({ field: 'likePost', actor: c.handle, post: person.handle })),
    ),
    ...about
      .flat()
      .map(({ companion, post }): Call => ({ field: 'likePost', actor: companion.handle, post })),
  ];

  const shares = about
    .flat()
    .filter(({ companion }) => companion.chapters >= 5)
    .map(({ companion, post }): Call => ({ field: 'sharePost', actor: companion.handle, post }));

  const [guide, ...others] = everybody.toSorted((a, b) => b.companions.length - a.companions.length);
  /** The person who appears most of those who never meet the guide: a block ends no follow. */
  const stranger = others.find(
    ({ person }) => !guide?.companions.some(({ handle }) => handle === person.handle),
  );
  const blocks: Call[] =
    guide && stranger
      ? [{ field: 'blockUser', actor: guide.person.handle, user: stranger.person.handle }]
      : [];
  return {
    people,
    guide: guide?.person.handle ?? '',
    phases: [
      { title: 'follows', calls: follows },
      { title: 'posts', calls: introductions },
      ...portraits.map((calls) => ({ title: 'posts', calls })),
      { title: 'replies', calls: replies },
      { title: 'likes', calls: likes },
      { title: 'shares', calls: shares },
      { title: 'a block', calls: blocks },
    ],
  };
};

/** Returns the plan with the 77 people of Les Misérables, who follow each other if they share a chapter. */
export const lesMiserables = (): Plan => {
  const file = new URL('../data/miserables.json', import.meta.resolve('vega-datasets'));
  return planFrom(JSON.parse(readFileSync(file, 'utf8')) as Coappearances);
};
