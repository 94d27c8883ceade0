/** The part of a catcher that says which files it means. */
interface OfFiles {
  readonly tests: string;
}

/** True if two catchers may mean a test of the same file, as far as the parts of paths by which they name it tell. */
const mayShareFile = (a: OfFiles, b: OfFiles): boolean =>
  a.tests.includes(b.tests) || b.tests.includes(a.tests);

/**
 * Distributes catchers over as few rounds as possible, so that no file has two of the same round: a test that needs an earlier one of
 * its file fails there. With a mutant it runs without that one, and would fail for this alone.
 */
export const roundsOf = <T extends OfFiles>(catchers: readonly T[]): T[][] => {
  const rounds: T[][] = [];
  for (const catcher of catchers) {
    const round = rounds.find((others) => !others.some((other) => mayShareFile(catcher, other)));
    if (round) round.push(catcher);
    else rounds.push([catcher]);
  }
  return rounds;
};
