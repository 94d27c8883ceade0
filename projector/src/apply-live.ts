import type { Documents } from '@rookery/document-store';
import type { ProjectionGenerations } from '@rookery/read-models';
import { byDocument, type Projection } from '@rookery/read-models/reducers';
import { type Apply, applyTo, createApply } from './apply.ts';
import type { FanOut } from './fan-out.ts';
import { joinHints, noHints } from './hints.ts';

export interface LiveApplyOptions {
  /** Documents that follow the generation pointer. */
  readonly documents: Documents;
  /** Creates the fan-out for documents of a fixed generation. Absent if no feeds are written. */
  readonly fanOut?: (documents: Documents) => FanOut;
}

const key = ({ live, also, previous }: ProjectionGenerations): string =>
  `${live} ${also} ${previous?.generation}`;

/**
 * Applies only the events that remove a text. The documents may lack earlier events: a roll-back replays
 * everything after its own position.
 */
const createErase =
  ({ merges, erases }: Projection, documents: Documents): Apply =>
  async (events) => {
    const erasing = events.filter((recorded) => erases?.(recorded));
    for (const merge of merges) await applyTo(documents, merge, byDocument(merge, erasing));
    return noHints;
  };

/**
 * Applies events to the live generation and, during a swap, to the other one as well. The generation kept for
 * roll-back only receives events that remove texts.
 *
 * Reads and writes of a batch use the same generations, whatever happens to the pointer meanwhile. If the
 * pointer has moved afterwards, the batch is applied again, so that no acknowledged event is missing in the
 * new generations (docs/explanation/recovery.md).
 */
export const createLiveApply = (projection: Projection, { documents, fanOut }: LiveApplyOptions): Apply => {
  const generations = async (): Promise<ProjectionGenerations> =>
    (await documents.generations()).of(projection.name);

  const writers = ({ live, also, previous }: ProjectionGenerations): Apply[] => {
    const primary = documents.at(() => live);
    const first = createApply(projection, {
      documents: primary,
      ...(fanOut ? { fanOut: fanOut(primary) } : {}),
    });
    const kept = previous?.generation;
    return [
      first,
      ...(also === null ? [] : [createApply(projection, { documents: documents.at(() => also) })]),
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
