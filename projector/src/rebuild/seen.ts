/** Bits for each expected id, and the maximum in total: 32 MiB. */
const bitsEach = 16;
const maxBits = 2 ** 28;
/** Number of bits that are set for each id. */
const probes = 4;

/** Set of ids in bounded memory. It may confirm an id that was not added, but never denies one that was. */
export interface Seen {
  /** Adds an id. Returns whether it was there before. */
  add(id: string): boolean;
}

/** Creates a Bloom filter for about this many ids; false positives increase beyond that. */
export const createSeen = (expected: number): Seen => {
  const bits = Math.min(maxBits, 2 ** Math.ceil(Math.log2(Math.max(1_024, expected * bitsEach))));
  const words = new Uint32Array(bits / 32);
  return {
    add(id) {
      // Two independent hashes (FNV-1a, and one with another prime) generate all others.
      let one = 0x811c9dc5;
      let other = 0x9e3779b9;
      for (let i = 0; i < id.length; i++) {
        const unit = id.charCodeAt(i);
        one = Math.imul(one ^ unit, 0x01000193);
        other = Math.imul(other ^ unit, 0x85ebca6b);
      }
      one ^= one >>> 15;
      other = (other ^ (other >>> 13)) | 1;
      let there = true;
      for (let i = 0; i < probes; i++) {
        const bit = ((one + Math.imul(i, other)) >>> 0) % bits;
        const word = words[bit >>> 5] ?? 0;
        const mask = 1 << (bit & 31);
        if ((word & mask) !== 0) continue;
        there = false;
        words[bit >>> 5] = word | mask;
      }
      return there;
    },
  };
};
