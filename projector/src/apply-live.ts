import type { Documents, ProjectionGenerations } from '@rookery/stores/documents';
import { type Apply, createApply } from './apply.ts';
import type { FanOut } from './fan-out.ts';
import { joinHints } from './hints.ts';
import type { Projection } from './projections/index.ts';

export interface LiveApplyOptions {
  /** Following the pointer. */
  readonly documents: Documents;
  /** On documents of a fixed generation; left out where no feeds are to be written. */
  readonly fanOut?: (documents: Documents) => FanOut;
}

const key = ({ live, also }: ProjectionGenerations): string => `${live} ${also}`;

/**
 * Applies to the generation that is live and, while a swap is under way, to the other one too. What was read and
 * what is written belong to the same generation, whatever the pointer says meanwhile; where it says something else
 * afterwards, the batch is applied once more, so that nothing is acknowledged which the new generations lack
 * (docs/recovery.md).
 */
export const createLiveApply = (projection: Projection, { documents, fanOut }: LiveApplyOptions): Apply => {
  const generations = async (): Promise<ProjectionGenerations> =>
    (await documents.generations()).of(projection.name);

  const writers = ({ live, also }: ProjectionGenerations): Apply[] => {
    const primary = documents.at(() => live);
    const first = createApply(projection, {
      documents: primary,
      ...(fanOut ? { fanOut: fanOut(primary) } : {}),
    });
    if (also === null) return [first];
    return [first, createApply(projection, { documents: documents.at(() => also) })];
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
