import { newId } from '@rookery/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  hashOf,
  judge,
  newNonce,
  newRefreshToken,
  type RefreshToken,
  readRefreshToken,
  type StoredHashes,
  successorOf,
  writeRefreshToken,
} from './refresh-tokens.ts';

const stored = (token: RefreshToken): StoredHashes => ({
  sharedHash: hashOf(token.shared),
  currentHash: hashOf(token.own),
  previousHash: null,
  nonce: null,
  isInGrace: false,
});

describe('a refresh token', () => {
  it('is read as it was written', () => {
    const token = newRefreshToken(newId());
    const text = writeRefreshToken(token);
    expect(readRefreshToken(text)).toEqual(token);
    // The syntax of a bearer token (RFC 6750), so that it passes everywhere.
    expect(text).toMatch(/^[\w.-]{135}$/);
  });

  it('is nothing else, whatever else it is', () => {
    const text = writeRefreshToken(newRefreshToken(newId()));
    for (const wrong of ['', ` ${text}`, `${text}A`, text.slice(1), text.replace('.', ''), `${text}\n`])
      expect(readRefreshToken(wrong)).toBeUndefined();
    fc.assert(fc.property(fc.string(), (wrong) => readRefreshToken(wrong) === undefined));
  });

  it('has a successor that cannot be derived from what is stored, nor from the token alone', () => {
    const token = newRefreshToken(newId());
    const nonce = newNonce();
    const successor = successorOf(token, nonce);
    expect(successor).toEqual({ ...token, own: expect.any(Buffer) });
    expect(successorOf(token, nonce)).toEqual(successor);
    const { sharedHash, currentHash } = stored(token);
    for (const known of [sharedHash, currentHash, token.shared])
      expect(successorOf({ ...token, own: known }, nonce).own).not.toEqual(successor.own);
    expect(successorOf(token, newNonce()).own).not.toEqual(successor.own);
  });
});

/** A session in memory, as the table keeps it. */
class Model {
  readonly issued: RefreshToken[];
  hashes: StoredHashes;
  isOver = false;

  constructor() {
    const first = newRefreshToken(newId());
    this.issued = [first];
    this.hashes = stored(first);
  }

  /** Returns the position of the token that was handed out; undefined if the use was refused. */
  use(position: number): number | undefined {
    const token = this.issued[position];
    if (this.isOver || token === undefined) return undefined;
    const verdict = judge(token, this.hashes);
    if (verdict === 'reused') this.isOver = true;
    if (verdict === 'repeat' && this.hashes.nonce) {
      const again = writeRefreshToken(successorOf(token, this.hashes.nonce));
      return this.issued.findIndex((each) => writeRefreshToken(each) === again);
    }
    if (verdict !== 'rotate') return undefined;
    const nonce = newNonce();
    const next = successorOf(token, nonce);
    this.hashes = {
      ...this.hashes,
      previousHash: this.hashes.currentHash,
      currentHash: hashOf(next.own),
      nonce,
      isInGrace: true,
    };
    return this.issued.push(next) - 1;
  }

  wait(): void {
    this.hashes = { ...this.hashes, isInGrace: false };
  }
}

describe('the tokens of a session', () => {
  it('are one chain: the last is good, the one before for a moment, and any other ends it', () => {
    const step = fc.oneof(fc.record({ back: fc.integer({ min: 0, max: 3 }) }), fc.constant('wait' as const));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const session = new Model();
        let waited = true;
        for (const each of steps) {
          const newest = session.issued.length - 1;
          if (each === 'wait') {
            session.wait();
            waited = true;
            continue;
          }
          const position = Math.max(0, newest - each.back);
          const wasOver = session.isOver;
          const given = session.use(position);
          if (wasOver) expect(given).toBeUndefined();
          else if (position === newest) {
            expect(given).toBe(newest + 1);
            waited = false;
          } else if (position === newest - 1 && !waited) expect(given).toBe(newest);
          else expect([given, session.isOver]).toEqual([undefined, true]);
        }
      }),
    );
  });

  it('of another session, and guesses with its id, end nothing', () => {
    const mine = newRefreshToken(newId());
    const other = { ...newRefreshToken(newId()), sid: mine.sid };
    expect(judge(other, stored(mine))).toBe('unknown');
    expect(judge({ ...other, own: mine.own }, stored(mine))).toBe('unknown');
  });
});
