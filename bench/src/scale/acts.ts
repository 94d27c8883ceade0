import { latencies } from '../measure.ts';
import type { Member } from '../member.ts';
import type { Say } from '../progress.ts';
import { type Figures, named } from './figures.ts';
import type { SizedSystem } from './sized-system.ts';

export interface ActOptions {
  /** Number of each act. */
  readonly samples: number;
}

const leastWarmUp = 5;

/** Each answer waits until the projections have applied the act, since it reads the result. */
const relation = (field: string, input: string, result: string) =>
  `mutation ($input: ${input}!) { ${field}(input: $input) { ${result} } }`;
const acts = {
  like: relation('likePost', 'PostInput', 'post { likeCount }'),
  unlike: relation('unlikePost', 'PostInput', 'post { likeCount }'),
  follow: relation('followUser', 'UserInput', 'user { followerCount }'),
  unfollow: relation('unfollowUser', 'UserInput', 'user { followerCount }'),
  publish: relation('publishPost', 'PublishPostInput', 'post { id likeCount }'),
} as const;

/** Measures acts from the request to the answer with the projected result, in turn, so that other load affects all alike. */
export const measureActs = async (
  { readers, mostFollowed, ordinary, loaded, network }: SizedSystem,
  { samples }: ActOptions,
  say: Say,
): Promise<Figures> => {
  const members = [...readers.values()].flat();
  const fresh = await publish(ordinary);
  const hottest = network.hottestPost;
  // Somebody with few followers who is not among those whose posts are measured.
  const newcomer = [...loaded.people.values()][Math.floor(loaded.people.size * 0.7)] ?? ordinary.id;

  /** Switches on and off in turn, each by the next member. */
  const toggle = (on: string, off: string, input: object) => (round: number) => {
    const member = members[round % members.length] as Member;
    const query = Math.floor(round / members.length) % 2 === 0 ? on : off;
    return member.client.ask(query, { input });
  };
  const measured: Readonly<Record<string, (round: number) => Promise<unknown>>> = {
    [named.likeFresh]: toggle(acts.like, acts.unlike, { postId: fresh }),
    [named.likeHottest]: toggle(acts.like, acts.unlike, { postId: hottest }),
    [named.followOrdinary]: toggle(acts.follow, acts.unfollow, { userId: newcomer }),
    [named.followMost]: toggle(acts.follow, acts.unfollow, { userId: mostFollowed.id }),
    [named.publishOrdinary]: () => publish(ordinary),
    [named.publishMost]: () => publish(mostFollowed),
  };
  // Every member ends what it begins, so that the next measurement finds everything as this one did.
  const switches = 2 * members.length;
  const warmUp = Math.ceil((samples + leastWarmUp) / switches) * switches - samples;
  say(`${samples} of each act`);
  const times = new Map<string, number[]>(Object.keys(measured).map((name) => [name, []]));
  for (let round = -warmUp; round < samples; round++) {
    for (const [name, act] of Object.entries(measured)) {
      const began = performance.now();
      await act(round + warmUp);
      if (round >= 0) times.get(name)?.push(performance.now() - began);
    }
  }
  const { user } = await mostFollowed.client.ask<{ user: { followerCount: number } }>(
    'query ($id: ID!) { user(id: $id) { followerCount } }',
    { id: mostFollowed.id },
  );
  const { post } = await mostFollowed.client.ask<{ post: { likeCount: number } }>(
    'query ($id: ID!) { post(id: $id) { likeCount } }',
    { id: hottest },
  );
  return {
    ...Object.fromEntries([...times].map(([name, all]) => [name, latencies(all, 1).p50])),
    'likes of the hottest post': post.likeCount,
    'followers of the most-followed person': user.followerCount,
  };
};

const publish = async ({ client }: Member): Promise<string> => {
  const { publishPost } = await client.ask<{ publishPost: { post: { id: string } } }>(acts.publish, {
    input: { body: 'A post to measure.' },
  });
  return publishPost.post.id;
};
