import { readFileSync } from 'node:fs';
import { InputError } from '@rookery/command-line';
import { z } from 'zod';
import { needsAcceptance, type SchemaChange } from './changes.ts';

const acceptance = z.strictObject({
  /** Coordinate of the change: `Type.field.argument`. */
  path: z.string().min(1),
  /** The change exactly as the check words it, so that another change of the same field is not covered. */
  message: z.string().min(1),
  /** Why clients can bear the change, and since when. */
  reason: z.string().min(1),
});

/** A breaking or security change that was reviewed and is made on purpose. */
export type Acceptance = z.infer<typeof acceptance>;

const file = new URL('./accepted-changes.json', import.meta.url);

const keyOf = ({ path, message }: { readonly path: string; readonly message: string }): string =>
  `${path}\0${message}`;

/**
 * Reads `schema/accepted-changes.json`.
 * @throws InputError
 */
export const acceptedChanges = (): readonly Acceptance[] => {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new InputError(`schema/accepted-changes.json: ${(error as Error).message}`);
  }
  const parsed = z.array(acceptance).safeParse(json);
  if (!parsed.success) {
    throw new InputError(`schema/accepted-changes.json: ${z.prettifyError(parsed.error)}`);
  }
  const keys = new Set<string>();
  for (const entry of parsed.data) {
    if (keys.has(keyOf(entry))) {
      throw new InputError(`schema/accepted-changes.json lists ${entry.path} twice`);
    }
    keys.add(keyOf(entry));
  }
  return parsed.data;
};

export interface Review {
  /** The changes, with the reason on each that is accepted. */
  readonly changes: readonly SchemaChange[];
  /** Acceptances that no change of this comparison needs. */
  readonly unused: readonly Acceptance[];
}

/** Marks each breaking or security change that an acceptance names exactly. */
export const review = (changes: readonly SchemaChange[], acceptances: readonly Acceptance[]): Review => {
  const unused = new Map(acceptances.map((entry) => [keyOf(entry), entry]));
  const reasons = new Map(acceptances.map((entry) => [keyOf(entry), entry.reason]));
  const reviewed = changes.map((change) => {
    const reason = reasons.get(keyOf(change));
    if (!needsAcceptance(change) || reason === undefined) return change;
    unused.delete(keyOf(change));
    return { ...change, accepted: reason };
  });
  return { changes: reviewed, unused: [...unused.values()] };
};
