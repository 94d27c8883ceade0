import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newId } from './ids.ts';
import { type GatewayStamp, signStamp, verifyStamp } from './viewer.ts';

const secret = 's'.repeat(32);
const stamp: GatewayStamp = { viewer: newId(), requestId: 'r1', readAfter: [newId()] };

describe("the gateway's stamp", () => {
  it('comes back as it was signed', () => {
    expect(verifyStamp(secret, signStamp(secret, stamp))).toEqual(stamp);
  });

  it('is refused with another secret, when it is old, and when it is no text', () => {
    expect(verifyStamp('t'.repeat(32), signStamp(secret, stamp))).toBeUndefined();
    expect(verifyStamp(secret, signStamp(secret, stamp, Date.now() - 13 * 3600 * 1000))).toBeUndefined();
    expect(verifyStamp(secret, undefined)).toBeUndefined();
  });

  it('is refused after any change of any character', () => {
    const text = signStamp(secret, stamp);
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom('A', 'z', '.', '-'), (at, other) => {
        const forged = text.slice(0, at) + other + text.slice(at + 1);
        // The last character of unpadded base64 has bits that mean nothing: the same bytes are the same signature.
        const same = Buffer.from(forged.split('.')[1] ?? '', 'base64url').equals(
          Buffer.from(text.split('.')[1] ?? '', 'base64url'),
        );
        if (forged.split('.')[0] === text.split('.')[0] && same) return;
        expect(verifyStamp(secret, forged)).toBeUndefined();
      }),
    );
  });
});
