import type { Collection, Documents, Stored } from '@rookery/document-store';
import { type CollectionName, collectionsOf, countId, countKindsOf } from '@rookery/read-models';
import { projections as all } from '@rookery/read-models/reducers';
import { retryWhileDown } from '../rebuild/retry.ts';
import { type Comparison, type Findings, maxLooks } from './comparison.ts';
import { compare, type Difference, difference } from './differences.ts';

/** Number of suspects that are compared again at a time. */
const atOnce = 500;
/** Number of documents between two reports of progress. */
const reportEvery = 1_000;

/** A document that differed while both sides were changing. */
interface Suspect {
  readonly projection: string;
  readonly where: CollectionName;
  readonly id: string;
}

/** One suspect at one position: its live state before and after it, and its correct state. */
interface Look {
  readonly before: Stored<unknown> | undefined;
  readonly after: Stored<unknown> | undefined;
  readonly expected: Stored<unknown> | undefined;
}

interface Finding {
  readonly difference: Difference;
  readonly isRepaired: boolean;
}

/** Compares all documents of the projections, and the suspects among them again at one position. */
export const compareDocuments = async (
  comparison: Comparison,
  projections: readonly string[],
  onProgress: (compared: number) => void,
): Promise<Findings> => {
  const { compared, suspects } = await findSuspects(comparison, projections, onProgress);
  const findings: Finding[] = [];
  const unsettled: string[] = [];
  const settleAll = async (some: readonly Suspect[]): Promise<void> => {
    for (let i = 0; i < some.length; i += atOnce) {
      const settled = await settleSuspects(comparison, some.slice(i, i + atOnce));
      findings.push(...settled.findings);
      unsettled.push(...settled.open.map(keyOf));
    }
  };
  const [counts, documents] = partition(suspects, ({ where }) => where === 'counts');
  // A write that met a wrong document has changed the count by its difference to the wrong one.
  const misled = await countsOf(comparison, documents);
  await settleAll(documents);
  await settleAll([...new Map([...counts, ...misled].map((one) => [keyOf(one), one])).values()]);
  return {
    compared,
    differences: findings.map((one) => one.difference),
    unsettled,
    repaired: findings.filter((one) => one.isRepaired).length,
  };
};

const partition = <T>(items: readonly T[], isFirst: (item: T) => boolean): readonly [T[], T[]] => [
  items.filter(isFirst),
  items.filter((item) => !isFirst(item)),
];

/** Returns the counts of all sets that the documents name on either side. */
const countsOf = async (
  { live, rebuilt, signal }: Comparison,
  documents: readonly Suspect[],
): Promise<Suspect[]> => {
  const found: Suspect[] = [];
  for (let i = 0; i < documents.length; i += atOnce) {
    const some = documents.slice(i, i + atOnce);
    for (const side of [live, rebuilt]) {
      const docs = await retryWhileDown(signal, () => readAll(side, some));
      for (const suspect of some) found.push(...countsNamedBy(suspect, docs.get(keyOf(suspect))?.doc));
    }
  }
  return found;
};

const countsNamedBy = ({ projection, where }: Suspect, doc: unknown): Suspect[] => {
  const merges = all.find(({ name }) => name === projection)?.merges ?? [];
  const counts = merges.flatMap((merge) => (merge.collection === where ? merge.counts : []));
  return counts.flatMap(({ kind, field }) => {
    const value = (doc as Readonly<Record<string, unknown>> | undefined)?.[field];
    return typeof value === 'string' ? [{ projection, where: 'counts', id: countId(kind, value) }] : [];
  });
};

const findSuspects = async (
  { live, rebuilt, signal }: Comparison,
  projections: readonly string[],
  onProgress: (compared: number) => void,
): Promise<{ readonly compared: number; readonly suspects: readonly Suspect[] }> => {
  let compared = 0;
  const count = () => {
    compared += 1;
    if (compared % reportEvery === 0) onProgress(compared);
  };
  const suspects: Suspect[] = [];
  for (const [projection, where, prefix] of parts(projections)) {
    const ids = compare(live.collection(where), rebuilt.collection(where), prefix, count, signal);
    for await (const id of ids) {
      signal.throwIfAborted();
      suspects.push({ projection, where, id });
    }
  }
  return { compared, suspects };
};

/** Looks at suspects until each has either been judged or changed during every look. */
const settleSuspects = async (
  comparison: Comparison,
  suspects: readonly Suspect[],
): Promise<{ readonly findings: readonly Finding[]; readonly open: readonly Suspect[] }> => {
  const findings: Finding[] = [];
  let open = suspects;
  for (let looks = 1; looks <= maxLooks && open.length > 0; looks++) {
    const moving: Suspect[] = [];
    for (const [suspect, look] of await lookAt(comparison, open)) {
      const settled = await settle(comparison, suspect, look, looks === maxLooks);
      if (settled === 'moving') moving.push(suspect);
      else if (settled) findings.push(settled);
    }
    open = moving;
  }
  return { findings, open };
};

/** Judges one suspect, and repairs it if that is wanted. */
const settle = async (
  { live, repair }: Comparison,
  suspect: Suspect,
  look: Look,
  isLast: boolean,
): Promise<Finding | 'moving' | undefined> => {
  const verdict = judge(suspect, look);
  if (verdict === undefined || verdict === 'moving') return verdict;
  if (!repair) return { difference: verdict, isRepaired: false };
  const isRepaired = await writeExpected(live.collection(suspect.where), look, suspect.id);
  // Another process has just written it and may have repaired it, so the current state must be compared again.
  return isRepaired || isLast ? { difference: verdict, isRepaired } : 'moving';
};

/** Reads the suspects before and after the newest position. */
const lookAt = async (
  { live, rebuilt, clock, signal }: Comparison,
  suspects: readonly Suspect[],
): Promise<readonly (readonly [Suspect, Look])[]> => {
  const read = (side: Documents) => retryWhileDown(signal, () => readAll(side, suspects));
  const before = await read(live);
  await retryWhileDown(signal, () => clock.advance());
  const expected = await read(rebuilt);
  const after = await read(live);
  return suspects.map((suspect) => {
    const key = keyOf(suspect);
    return [
      suspect,
      { before: before.get(key), after: after.get(key), expected: expected.get(key) },
    ] as const;
  });
};

/** Returns the difference, if any; `moving` if the live document changed during the look. */
const judge = (suspect: Suspect, { before, after, expected }: Look): Difference | 'moving' | undefined => {
  const found = difference(suspect, after?.doc, expected?.doc);
  // It was correct at that position, or just before, and has changed since.
  if (!found || !difference(suspect, before?.doc, expected?.doc)) return undefined;
  // Unless it changed from before that position until after it, this is its live state at that position.
  const hasMoved = before?.revision !== after?.revision || difference(suspect, before?.doc, after?.doc);
  return hasMoved ? 'moving' : found;
};

const keyOf = ({ where, id }: Suspect): string => `${where}/${id}`;

/** Returns the parts to compare: each collection of each projection, and its kinds of counts. */
const parts = (
  projections: readonly string[],
): (readonly [projection: string, where: CollectionName, prefix: string])[] =>
  projections.flatMap((projection) => [
    ...collectionsOf(projection).map((name) => [projection, name, ''] as const),
    ...countKindsOf(projection).map((kind) => [projection, 'counts', `${kind}:`] as const),
  ]);

const readAll = async (
  documents: Documents,
  suspects: readonly Suspect[],
): Promise<Map<string, Stored<unknown>>> => {
  const found = new Map<string, Stored<unknown>>();
  for (const where of new Set(suspects.map((suspect) => suspect.where))) {
    const ids = suspects.flatMap((suspect) => (suspect.where === where ? [suspect.id] : []));
    for (const [id, stored] of await documents.collection<unknown>(where).getMany(ids)) {
      found.set(`${where}/${id}`, stored);
    }
  }
  return found;
};

/** Writes the correct document. Returns false if another process wrote it at the same moment. */
const writeExpected = async (
  live: Collection<unknown>,
  { after, expected }: Look,
  id: string,
): Promise<boolean> => {
  if (expected) {
    const lost = await live.putMany([{ id, revision: after?.revision ?? 0, doc: expected.doc }]);
    return lost.length === 0;
  }
  return after === undefined || (await live.removeMany([after])).length === 0;
};
