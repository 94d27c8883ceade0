/**
 * The steps from a candidate to its model: hydrate → rules → present. Pages, single reads, edges and live delivery
 * read each kind of object by the same view (views.ts), so that they cannot differ.
 */
export interface View<Candidate, Facts, Visible extends Facts, Model> {
  /** Loads all facts that the rule and the presentation need. */
  hydrate(candidate: Candidate): Promise<Facts>;
  /** Decides from the facts alone (visibility.ts). */
  isVisible(facts: Facts): facts is Visible;
  present(facts: Visible): Model;
}

/** Returns the model of each candidate, in their order; undefined if it is absent or denied, which look the same. */
export const showAll = async <Candidate, Facts, Visible extends Facts, Model>(
  view: View<Candidate, Facts, Visible, Model>,
  candidates: readonly Candidate[],
): Promise<(Model | undefined)[]> => {
  // Hydrated together, so that loaders read each collection in one batch.
  const hydrated = await Promise.all(candidates.map((candidate) => view.hydrate(candidate)));
  return hydrated.map((facts) => (view.isVisible(facts) ? view.present(facts) : undefined));
};

/** Returns the model of one candidate; undefined if it is absent or denied. */
export const show = async <Candidate, Facts, Visible extends Facts, Model>(
  view: View<Candidate, Facts, Visible, Model>,
  candidate: Candidate,
): Promise<Model | undefined> => (await showAll(view, [candidate]))[0];
