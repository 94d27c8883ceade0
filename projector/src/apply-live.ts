import type { Documents, ProjectionGenerations } from '@rookery/stores/documents';
import { type Apply, applyTo, createApply } from './apply.ts';
import type { FanOut } from './fan-out.ts';
import { joinHints, noHints } from './hints.ts';
import { byDocument } from './projections/fold.ts';
import { type Projection, untied } from './projections/index.ts';
import type { RecountOptions } from './recount.ts';

export interface LiveApplyOptions {
  /** Following the pointer. */
  readonly documents: Documents;
  /** On documents of a fixed generation; left out where no feeds are to be written. */
  readonly fanOut?: (documents: Documents) => FanOut;
  /** How sets are counted that take long to count, for each generation by itself. */
  readonly counts?: () => RecountOptions;
}

const key = ({ live, also, previous }: ProjectionGenerations): string =>
  `${live} ${also} ${previous?.generation}`;

/**
 * Applies only the events that take a text away. Their documents may lack what came before: rolling back applies
 * everything from its own position on, whatever is there already, and counts then.
 */
const createErase =
  ({ merges, erases }: Projection, documents: Documents): Apply =>
  async (events) => {
    const erasing = events.filter((recorded) => erases?.(recorded));
    for (const merge of merges.map(untied)) await applyTo(documents, merge, byDocument(merge, erasing));
    return noHints;
  };

/**
 * Applies to the generation that is live and, while a swap is under way, to the other one too; to the one kept for
 * rolling back only what takes texts away. What was read and
 * what is written belong to the same generation, whatever the pointer says meanwhile; where it says something else
 * afterwards, the batch is applied once more, so that nothing is acknowledged which the new generations lack
 * (docs/recovery.md).
 */
export const createLiveApply = (
  projection: Projection,
  { documents, fanOut, counts = () => ({}) }: LiveApplyOptions,
): Apply => {
  const generations = async (): Promise<ProjectionGenerations> =>
    (await documents.generations()).of(projection.name);

  const writers = ({ live, also, previous }: ProjectionGenerations): Apply[] => {
    const primary = documents.at(() => live);
    const first = createApply(projection, {
      documents: primary,
      counts: counts(),
      ...(fanOut ? { fanOut: fanOut(primary) } : {}),
    });
    const kept = previous?.generation;
    return [
      first,
      ...(also === null
        ? []
        : [createApply(projection, { documents: documents.at(() => also), counts: counts() })]),
      ...(kept === undefined || kept === live || kept === also
        ? []
        : [
            createErase(
              projection,
              documents.at(() => kept),
            ),
          ]),
    ];
  };

  let known: { readonly of: string; readonly writers: Apply[] } | undefined;
  return async (events) => {
    for (let before = await generations(); ; ) {
      if (known?.of !== key(before)) known = { of: key(before), writers: writers(before) };
      const hints = [];
      for (const apply of known.writers) hints.push(await apply(events));
      const after = await generations();
      if (key(after) === key(before)) return joinHints(hints);
      before = after;
    }
  };
};
