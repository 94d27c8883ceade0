import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { InputError } from '@rookery/command-line';
import { z } from 'zod';
import { readFrom } from '../compose/subgraph-files.ts';
import type { Change } from '../model/change.ts';
import type { Acceptance } from '../model/check-report.ts';
import { coordinateOf } from './coordinate.ts';
import { parseJson } from './json-input.ts';
import type { Project } from './project.ts';

const acceptance = z.strictObject({
  /** Coordinate of the change, as `Type.field(argument:)` or `Type.field.argument`. */
  path: z.string().min(1),
  /** The change exactly as the check words it, so that another change of the same field is not covered. */
  message: z.string().min(1),
  /** Why clients can bear the change, and since when. */
  reason: z.string().min(1),
});

const keyOf = ({ path, message }: { readonly path: string; readonly message: string }): string =>
  `${coordinateOf(path)}\0${message}`;

/**
 * Reads the file of accepted changes. Only this repository must have one.
 * @throws InputError
 */
export const acceptedChanges = ({ root, config, isOwn }: Project): readonly Acceptance[] => {
  const file = config.acceptedChanges;
  if (!isOwn && !existsSync(resolve(root, file))) return [];
  const acceptances = parseJson(readFrom(root, file), file, z.array(acceptance));
  const keys = new Set<string>();
  for (const entry of acceptances) {
    if (keys.has(keyOf(entry))) throw new InputError(`${file} lists ${entry.path} twice`);
    keys.add(keyOf(entry));
  }
  return acceptances;
};

export interface Review<Reviewed extends Change> {
  /** The changes, with the reason on each that is accepted. */
  readonly changes: readonly Reviewed[];
  /** Acceptances that no change of this comparison needs. */
  readonly unused: readonly Acceptance[];
}

/** Marks each change that an acceptance names exactly. A safe change needs none. */
export const review = <Reviewed extends Change>(
  changes: readonly Reviewed[],
  acceptances: readonly Acceptance[],
): Review<Reviewed> => {
  const unused = new Map(acceptances.map((entry) => [keyOf(entry), entry]));
  const reasons = new Map(acceptances.map((entry) => [keyOf(entry), entry.reason]));
  const reviewed = changes.map((change) => {
    const key = keyOf({ path: change.coordinate, message: change.message });
    const reason = reasons.get(key);
    if (change.criticality === 'safe' || reason === undefined) return change;
    unused.delete(key);
    return { ...change, accepted: reason };
  });
  return { changes: reviewed, unused: [...unused.values()] };
};
