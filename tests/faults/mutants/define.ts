/** One spoilt place. The text must be there exactly once: a mutant whose place has changed is stale, and fails loudly. */
interface Spoil {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/**
 * Test that must fail: a fault of the harness, by the invariant that must break, or a test, by parts of the
 * path of its file and of its full name.
 */
export type Catcher =
  | { readonly fault: string; readonly breaks: string }
  | { readonly tests: string; readonly named: string };

export interface Mutant {
  readonly name: string;
  readonly spoils: readonly Spoil[];
  readonly caughtBy: Catcher;
}

/** A mistake in one place of one file. */
export const mutant = (
  name: string,
  caughtBy: Catcher,
  file: string,
  find: string,
  replace: string,
): Mutant => ({
  name,
  caughtBy,
  spoils: [{ file, find, replace }],
});
