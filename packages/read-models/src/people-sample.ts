import { createHash } from 'node:crypto';

/*
 * A sample of the people who have done something, of bounded size: those with the smallest hashes ("k minimum values"). It is a function
 * of the set of uses, so order and duplicates make no difference. It is complete while there are few people; if there are more, the
 * largest of its hashes tells how many (docs/adr/trending-hashtags.md).
 */

/** A post in which somebody has done it. */
export interface SampledUse {
  readonly post: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

interface SampledPerson {
  /** Hash of the person, from 0 to `hashRange`. */
  readonly hash: number;
  /** The newest, newest first. */
  readonly uses: readonly SampledUse[];
}

/** People in the order of their hashes. */
export type PeopleSample = readonly SampledPerson[];

/** People of a sample: an estimate is mostly wrong by less than an eighth (one divided by the root of this number). */
export const maxSampled = 64;
/** Uses of one person that are kept and counted. */
export const maxUsesEach = 2;

/** Bits of a hash; a number of JavaScript holds 53. */
const hashBytes = 6;
const hashRange = 2 ** (8 * hashBytes);

/** Returns a number that is equally likely anywhere from 0 to `hashRange`, and the same for the same text. */
export const sampleHash = (text: string): number =>
  createHash('sha256').update(text).digest().readUIntBE(0, hashBytes);

const isNewer = (a: SampledUse, b: SampledUse): boolean => a.at > b.at || (a.at === b.at && a.post > b.post);

const newestOf = (uses: readonly SampledUse[]): readonly SampledUse[] =>
  [...uses].sort((a, b) => (isNewer(a, b) ? -1 : 1)).slice(0, maxUsesEach);

const withUseOf = (uses: readonly SampledUse[], use: SampledUse): readonly SampledUse[] => {
  if (uses.some(({ post }) => post === use.post)) return uses;
  const all = newestOf([...uses, use]);
  return all.includes(use) ? all : uses;
};

/** Adds a use. Returns the given sample if nothing changes, which is likely for a popular thing. */
export const withUse = (sample: PeopleSample, hash: number, use: SampledUse): PeopleSample => {
  const known = sample.find((person) => person.hash === hash);
  if (!known && hash >= boundOf(sample)) return sample;
  const uses = withUseOf(known?.uses ?? [], use);
  if (uses === known?.uses) return sample;
  return [...sample.filter((person) => person !== known), { hash, uses }]
    .sort((a, b) => a.hash - b.hash)
    .slice(0, maxSampled);
};

/** Returns the hash below which a sample has everybody. */
const boundOf = (sample: PeopleSample): number => sample[maxSampled - 1]?.hash ?? hashRange;

/** Returns about how many people a sample is of. */
export const sampledSize = (sample: PeopleSample): number =>
  sample.length < maxSampled ? sample.length : ((maxSampled - 1) * hashRange) / boundOf(sample);

/** People of whom each is there with the same probability. */
export interface SampledPeople {
  readonly people: PeopleSample;
  /** Part of all people who are in it: 1 if it has everybody. */
  readonly share: number;
}

/** Returns what several samples say of the people who are in any of them. Nobody counts twice. */
export const joinSamples = (samples: readonly PeopleSample[]): SampledPeople => {
  const bound = Math.min(...samples.map(boundOf));
  const byHash = Map.groupBy(samples.flat(), ({ hash }) => hash);
  const people = [...byHash]
    .filter(([hash]) => hash < bound)
    .map(([hash, same]) => ({ hash, uses: newestOf(same.flatMap(({ uses }) => uses)) }))
    .sort((a, b) => a.hash - b.hash);
  return { people, share: bound / hashRange };
};

/** Returns about how many people there are. */
export const sizeOf = ({ people, share }: SampledPeople): number => people.length / share;
