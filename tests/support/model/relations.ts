import { type Fact, kind } from './facts.ts';
import { type ToggleName, toggleNames, toggles } from './toggles.ts';

export interface Relations {
  readonly requests: ReadonlySet<string>;
  /** Follows that nobody has approved, made while nobody could tell whether the account was protected, as `actor object`. */
  readonly unchecked: ReadonlySet<string>;
  readonly relations: Record<ToggleName, Set<string>>;
  /**
   * Position of each relation, as `toggle actor object`: that of the act that switched it on from off. That of the first request to
   * follow, as `request actor object`.
   */
  readonly since: ReadonlyMap<string, number>;
}

/** Applies what a fact does to follows that nobody has approved or checked. */
const applyUnchecked = (
  what: string,
  { event }: Fact,
  { pair, back }: Pick<Pairs, 'pair' | 'back'>,
  { unchecked, follows }: { readonly unchecked: Set<string>; readonly follows: ReadonlySet<string> },
): void => {
  const isGuess = (event.data as { unchecked?: boolean } | undefined)?.unchecked === true;
  if (what === 'followed' && isGuess && !follows.has(pair)) unchecked.add(pair);
  if ((what === 'followed' && !isGuess) || what === 'unfollowed') unchecked.delete(pair);
  if (what.startsWith('follow-') && what !== 'follow-requested') unchecked.delete(back);
  if (what === 'blocked') for (const each of [pair, back]) unchecked.delete(each);
};

interface Pairs {
  /** Actor and subject. */
  readonly pair: string;
  /** Subject and actor. */
  readonly back: string;
  readonly isBlocked: boolean;
}

/** Applies what a fact does to requests to follow, and to the follows that come of them. */
const applyRequest = (
  what: string,
  { pair, back, isBlocked }: Pairs,
  requests: Set<string>,
  follows: Set<string>,
): void => {
  const end = (...pairs: string[]): void => {
    for (const each of pairs) for (const all of [requests, follows]) all.delete(each);
  };
  if (what === 'follow-requested' && !isBlocked && !follows.has(pair)) requests.add(pair);
  if ((what === 'followed' && !isBlocked) || what === 'unfollowed') requests.delete(pair);
  if (what === 'follow-approved' && requests.delete(back)) follows.add(back);
  if (what === 'follow-rejected') end(back);
  if (what === 'blocked' && pair !== back) end(pair, back);
};

/** Returns the relations of people to each other and to posts. @param facts in the order in which they take effect */
export const relationsOf = (facts: readonly Fact[]): Relations => {
  const relations = Object.fromEntries(toggleNames.map((name) => [name, new Set<string>()])) as Record<
    ToggleName,
    Set<string>
  >;
  const since = new Map<string, number>();
  const requests = new Set<string>();
  const unchecked = new Set<string>();
  for (const fact of facts) {
    const { event, position } = fact;
    const pair = `${event.actor} ${event.subject}`;
    const back = `${event.subject} ${event.actor}`;
    const isBlocked = pair !== back && [pair, back].some((each) => relations.block.has(each));
    const what = kind(fact);
    if (!isBlocked || what !== 'followed')
      applyUnchecked(what, fact, { pair, back }, { unchecked, follows: relations.follow });
    for (const name of toggleNames) {
      const [on, off] = toggles[name].events;
      if (event.type === on && !(name === 'follow' && isBlocked)) {
        if (!relations[name].has(pair)) since.set(`${name} ${pair}`, position);
        relations[name].add(pair);
      }
      if (event.type === off) relations[name].delete(pair);
    }
    const isNew = what === 'follow-requested' && !requests.has(pair);
    if (isNew) since.set(`request ${pair}`, position);
    if (what === 'follow-approved' && requests.has(back)) since.set(`follow ${back}`, position);
    applyRequest(what, { pair, back, isBlocked }, requests, relations.follow);
  }
  return { relations, requests, since, unchecked };
};
