import { createHmac, timingSafeEqual } from 'node:crypto';
import { badInput } from '@rookery/service';

/** Which list a cursor stands in. */
export type CursorKind = 'feed' | 'friendsFeed' | 'followers' | 'following' | 'replies';

export interface Cursors {
  /** The cursor of a place in a list: `owner` is the user or post that the list belongs to. */
  write(kind: CursorKind, owner: string, position: number): string;
  /** The position, or undefined without a cursor. @throws RookeryError BAD_USER_INPUT where it isn't one of this list's */
  read(kind: CursorKind, owner: string, after: string | null | undefined): number | undefined;
}

const macLength = 16;
const positionLength = 8;

/**
 * Cursors are a position and a MAC over list, owner and position (HMAC-SHA-256, cut to 128 bits as RFC 2104
 * section 5 allows), in base64url. List and owner are known when a cursor comes back, so they needn't be in it.
 */
export const createCursors = (secret: string): Cursors => {
  const mac = (kind: CursorKind, owner: string, position: Buffer): Buffer =>
    createHmac('sha256', secret)
      .update(`cursor\0${kind}\0${owner}\0`)
      .update(position)
      .digest()
      .subarray(0, macLength);

  return {
    write(kind, owner, position) {
      const bytes = Buffer.alloc(positionLength);
      bytes.writeBigUInt64BE(BigInt(position));
      return Buffer.concat([bytes, mac(kind, owner, bytes)]).toString('base64url');
    },
    read(kind, owner, after) {
      if (after === null || after === undefined) return undefined;
      const bytes = Buffer.from(after, 'base64url');
      const position = bytes.subarray(0, positionLength);
      const given = bytes.subarray(positionLength);
      const valid =
        given.length === macLength &&
        // Node reads base64 leniently: only the very text that was handed out is the cursor.
        bytes.toString('base64url') === after &&
        timingSafeEqual(given, mac(kind, owner, position));
      if (!valid) throw badInput('after', 'This is not a cursor of this list.');
      return Number(position.readBigUInt64BE());
    },
  };
};
