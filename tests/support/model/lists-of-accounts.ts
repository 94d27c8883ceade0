import { type Fact, kind } from './facts.ts';

/** A list of accounts, for the model of histories. */
export interface ListOfAccounts {
  readonly id: string;
  readonly name: string;
  /** The one who was added last comes first. */
  readonly members: readonly string[];
}

interface OneList {
  /** Position of the creation. */
  created: number | undefined;
  name: string;
  isRenamed: boolean;
  isDeleted: boolean;
  /** Member → position at which they were added. */
  readonly members: Map<string, number>;
}

const nothing = (): OneList => ({
  ...{ created: undefined, name: '', isRenamed: false, isDeleted: false, members: new Map() },
});

/** Applies a fact to a list of its actor. A deleted list never comes back, also if the clocks say so. */
const apply = (list: OneList, fact: Fact): void => {
  const { name = '', member = '' } = fact.event.data as { readonly name?: string; readonly member?: string };
  switch (kind(fact)) {
    case 'created':
      list.created = fact.position;
      if (!list.isRenamed) list.name = name;
      break;
    case 'renamed':
      Object.assign(list, { name, isRenamed: true });
      break;
    case 'deleted':
      list.isDeleted = true;
      break;
    case 'member-added':
      if (!list.members.has(member)) list.members.set(member, fact.position);
      break;
    case 'member-removed':
      list.members.delete(member);
      break;
  }
};

/** Returns the lists of each user, the newest first. Others can say nothing of a list. */
export const listsOf = (facts: readonly Fact[]): ((owner: string) => ListOfAccounts[]) => {
  const owners = new Map<string, Map<string, OneList>>();
  for (const fact of facts) {
    const { type, actor, subject } = fact.event;
    if (!type.startsWith('rookery.list.')) continue;
    const own = owners.get(actor) ?? new Map<string, OneList>();
    owners.set(actor, own);
    const list = own.get(subject) ?? nothing();
    own.set(subject, list);
    apply(list, fact);
  }
  return (owner) =>
    [...(owners.get(owner) ?? [])]
      .flatMap(([id, { created, isDeleted, name, members }]) =>
        created === undefined || isDeleted ? [] : [{ id, created, name, members }],
      )
      .toSorted((a, b) => b.created - a.created)
      .map(({ id, name, members }) => ({
        ...{ id, name },
        members: [...members].toSorted(([, a], [, b]) => b - a).map(([member]) => member),
      }));
};
