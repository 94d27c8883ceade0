import type { CountChange } from '@rookery/document-store';
import { countId } from '@rookery/read-models';
import type { Merge } from '@rookery/read-models/reducers';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Returns how a write of a document changes the counts of the sets that it is or was a member of. A document
 * that names a set for the first time creates its count, even if it is no member.
 */
export const countChanges = (
  counts: Merge['counts'],
  before: unknown,
  after: unknown,
): readonly CountChange[] =>
  counts.flatMap((set) => changesOf(membershipIn(set, before), membershipIn(set, after)));

/** Relation of a document to the sets of one kind. */
interface Membership {
  /** Id of the count of the set that the document names. */
  readonly id: string;
  readonly isMember: boolean;
}

const changesOf = (was: Membership | undefined, is: Membership | undefined): CountChange[] => {
  if (is && was?.id === is.id) {
    if (was.isMember === is.isMember) return [];
    return [{ id: is.id, by: is.isMember ? 1 : -1 }];
  }
  const left: CountChange[] = was?.isMember ? [{ id: was.id, by: -1 }] : [];
  return is ? [...left, { id: is.id, by: is.isMember ? 1 : 0 }] : left;
};

/** Returns the membership of a document, if it names a set. */
const membershipIn = (
  { kind, field, where }: Merge['counts'][number],
  doc: unknown,
): Membership | undefined => {
  const fields = (doc ?? {}) as Fields;
  const value = fields[field];
  if (typeof value !== 'string') return undefined;
  const isMember = Object.entries(where).every(([name, wanted]) => (fields[name] ?? null) === wanted);
  return { id: countId(kind, value), isMember };
};
