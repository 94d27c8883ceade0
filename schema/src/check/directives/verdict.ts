import type { Severity } from '../../model/change.ts';

/** Arguments that a directive is given, as plain values; without those that are left out. */
export type DirectiveArguments = Readonly<Record<string, unknown>>;

type DirectiveEffect =
  | 'added'
  | 'removed'
  | 'changed'
  | 'tightened'
  | 'loosened'
  | 'raised'
  | 'lowered'
  | 'unreadable'
  | 'ineffective';

/** Verdict on one difference between the uses of a directive on one element. */
export interface DirectiveVerdict {
  readonly severity: Severity;
  /** The difference as the last part of the kind of the change: `AUTHENTICATED_REMOVED`. */
  readonly effect: DirectiveEffect;
  /** The difference as a clause about the directive: "was removed". */
  readonly what: string;
  /** Why it has this severity: one sentence. */
  readonly reason: string;
}

/** Element with a directive. */
export interface DirectiveLocation {
  /** The directive as the SDL calls it, with its `@`. */
  readonly directive: string;
  /** Kind of the element, as federation calls it: `ObjectType`, `FieldDefinition`, `EnumValue`… */
  readonly kind: string;
}

/** Default values of a field's own arguments by their names; undefined for an argument without one. */
export type Defaults = Readonly<Record<string, unknown>>;

/** Compares all uses of one directive at one place, in the base and in the new schema. */
export type Compare = (
  before: readonly DirectiveArguments[],
  after: readonly DirectiveArguments[],
  place: DirectiveLocation,
  /** Definitions of the field before and after; undefined if the directive is absent there. */
  defaults?: readonly [before: Defaults | undefined, after: Defaults | undefined],
) => readonly DirectiveVerdict[];

/** Severity and reason of one kind of difference; null if it changes nothing, or is reported elsewhere. */
export type Judgment = readonly [severity: Severity, reason: string] | null;

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
};

/** The arguments as text that is equal if they are; empty without arguments. */
const textOf = (given: DirectiveArguments): string => {
  const entries = Object.entries(sorted(given) as DirectiveArguments);
  if (entries.length === 0) return '';
  return `(${entries.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(', ')})`;
};

const without = (all: readonly string[], other: readonly string[]): string[] => {
  const left = [...other];
  return all.filter((text) => {
    const at = left.indexOf(text);
    if (at < 0) return true;
    left.splice(at, 1);
    return false;
  });
};

const verdict = (judgment: Judgment, effect: DirectiveEffect, what: string): DirectiveVerdict[] =>
  judgment === null ? [] : [{ severity: judgment[0], effect, what, reason: judgment[1] }];

/** Compares by equality of the arguments: each use was added or removed; a single one may have changed. */
export const presence =
  ({
    added,
    removed,
    changed,
  }: {
    readonly added: Judgment;
    readonly removed: Judgment;
    /** Judgment of a directive that is used once; by default a removal and an addition. */
    readonly changed?: Judgment;
  }): Compare =>
  (before, after) => {
    const [were, are] = [before.map(textOf), after.map(textOf)];
    const [gone, come] = [without(were, are), without(are, were)];
    if (changed !== undefined && gone.length === 1 && come.length === 1)
      return verdict(
        changed,
        'changed',
        `changed from ${gone[0] || 'no arguments'} to ${come[0] || 'no arguments'}`,
      );
    return [
      ...gone.flatMap((text) => verdict(removed, 'removed', `was removed${text && `: ${text}`}`)),
      ...come.flatMap((text) => verdict(added, 'added', `was added${text && `: ${text}`}`)),
    ];
  };
