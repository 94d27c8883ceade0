import { type Interval, precedes } from './client-order.ts';
import { type Fact, kind } from './facts.ts';

/** Histories that no client gave have no order but that of their times. */
export const inTimeOrder = <F extends Fact>(facts: readonly F[]): F[] =>
  facts.toSorted((a, b) => (`${a.event.time} ${a.event.id}` < `${b.event.time} ${b.event.id}` ? -1 : 1));

/**
 * Returns the setting that a command changes and that another command can change back. The relations of two people to each
 * other are one setting, since a block of either ends the follows of both.
 */
const settingOf = (fact: Fact): string => {
  const { actor, subject } = fact.event;
  const name = kind(fact).replace(/^un|-(un)?(hidden|shown|muted)$|-(added|removed)$/, '');
  return name.startsWith('follow') || name === 'blocked'
    ? [actor, subject].sort().join(' ')
    : `${actor} ${subject} ${name}`;
};

/** Orders the facts of one setting: the commands that one actor gave in that order, and else the earlier time first. */
const inOrderOfItsClients = <F extends Fact & Interval>(facts: readonly F[]): F[] => {
  const open = inTimeOrder(facts);
  const ordered: F[] = [];
  while (open.length > 0) {
    const next = open.findIndex(
      (fact) => !open.some((other) => other.event.actor === fact.event.actor && precedes(other, fact)),
    );
    ordered.push(...open.splice(next, 1));
  }
  return ordered;
};

/**
 * Orders facts whose sending and answers are known. The commands that one actor gave of a setting are in that order; among
 * others the earlier time comes first, which is as valid as any other order. So does it among settings, since some depend on each
 * other: reports by several people, and the answer to all of them.
 */
export const inClientOrder = <F extends Fact & Interval>(facts: readonly F[]): F[] => {
  const settings = new Map(
    [...Map.groupBy(facts, settingOf)].map(([setting, own]) => [setting, inOrderOfItsClients(own).values()]),
  );
  return inTimeOrder(facts).flatMap((fact) => settings.get(settingOf(fact))?.next().value ?? []);
};
