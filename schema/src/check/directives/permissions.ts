import { z } from 'zod';
import type { Compare, DirectiveVerdict } from './verdict.ts';

/** Alternatives, of each of which everything is needed. */
type AnyOf = readonly (readonly string[])[];

const anyOf = z.array(z.array(z.string()));

const isWithin = (part: readonly string[], whole: readonly string[]): boolean =>
  part.every((name) => whole.includes(name));

/** True if whoever meets `given` also meets `needed`. */
const implies = (given: AnyOf, needed: AnyOf): boolean =>
  given.every((alternative) => needed.some((one) => isWithin(one, alternative)));

/** All that meets one and the other. */
const both = (one: AnyOf, other: AnyOf): AnyOf =>
  one.flatMap((names) => other.map((more) => [...new Set([...names, ...more])]));

const textOf = (alternatives: AnyOf): string =>
  alternatives.map((all) => all.join(' and ') || 'nothing').join(', or ') || 'nobody';

export const lessAccess = 'Clients that may use it today are refused.';
export const moreAccess = 'Clients that are refused today may use it.';

/** Compares @requiresScopes or @policy by whom they let through, whatever the order in which they name it. */
export const alternatives =
  (argument: string): Compare =>
  (before, after) => {
    // Without the directive everybody is let through: one alternative, of which nothing is needed.
    const read = (uses: typeof before): AnyOf =>
      uses.map((use) => anyOf.parse(use[argument])).reduce<AnyOf>(both, [[]]);
    const [old, now] = [read(before), read(after)];
    const change = `from ${textOf(old)} to ${textOf(now)}`;
    const tightened: DirectiveVerdict =
      before.length === 0
        ? { severity: 'breaking', effect: 'added', what: `was added: ${textOf(now)}`, reason: lessAccess }
        : { severity: 'breaking', effect: 'tightened', what: `was tightened ${change}`, reason: lessAccess };
    const loosened: DirectiveVerdict =
      after.length === 0
        ? { severity: 'security', effect: 'removed', what: `was removed: ${textOf(old)}`, reason: moreAccess }
        : { severity: 'security', effect: 'loosened', what: `was loosened ${change}`, reason: moreAccess };
    return [...(implies(old, now) ? [] : [tightened]), ...(implies(now, old) ? [] : [loosened])];
  };
