/** Bits kept for each thing that is expected, and the most of all: 32 MiB. */
const bitsEach = 16;
const mostBits = 2 ** 28;
/** Bits set for each. */
const probes = 4;

/** What has been there, in bounded memory: it may say yes to what has not, never no to what has. */
export interface Seen {
  /** Whether it has been there, which it has from now on. */
  add(id: string): boolean;
}

/** A Bloom filter for about so many ids; for more it says yes wrongly more often. */
export const createSeen = (expected: number): Seen => {
  const bits = Math.min(mostBits, 2 ** Math.ceil(Math.log2(Math.max(1_024, expected * bitsEach))));
  const words = new Uint32Array(bits / 32);
  return {
    add(id) {
      // Two independent hashes (FNV-1a, and one with another prime) make all the others.
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
