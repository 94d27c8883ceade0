import { createHmac, timingSafeEqual } from 'node:crypto';
import { badInput } from './errors.ts';

/** The list that a cursor belongs to. */
export interface CursorKind {
  readonly name: string;
}

const names = new Set<string>();

/**
 * Defines a kind of cursor, next to the read of its list. The name is part of every cursor that clients hold.
 * @throws TypeError if another kind has the name
 */
export const defineCursorKind = (name: string): CursorKind => {
  if (names.has(name)) throw new TypeError(`two kinds of cursors are called ${name}`);
  names.add(name);
  return { name };
};

/** Cursors of the lists in which a user has a read marker: the mutation subgraph reads those that the query subgraph writes. */
export const friendsFeedCursor = defineCursorKind('friendsFeed');
/** An item that its owner has just added: pages of the owner's feed and friends feed can start from it. */
export const ownItemCursor = defineCursorKind('ownItem');
export const notificationsCursor = defineCursorKind('notifications');

export interface Cursors {
  /** Returns the cursor of a position in a list; `owner` is the user or post that the list belongs to. */
  write(kind: CursorKind, owner: string, position: number): string;
  /**
   * Returns the position, or undefined without a cursor.
   * @param kinds those that are accepted
   * @param argument that brought the cursor
   * @throws RookeryError BAD_USER_INPUT if it is none of these
   */
  read(
    kinds: CursorKind | readonly CursorKind[],
    owner: string,
    cursor: string | null | undefined,
    argument?: 'after' | 'before' | 'cursor',
  ): number | undefined;
}

const macLength = 16;
const positionLength = 8;

/**
 * Creates cursors: a position and a MAC over list, owner and position (HMAC-SHA-256, cut to 128 bits as RFC 2104
 * section 5 allows), in base64url. List and owner are known when a cursor comes back, so they needn't be in it.
 * @param secrets read again for each cursor, because they are replaced while the process runs: the first signs, all verify
 */
export const createCursors = (secrets: { readonly current: readonly string[] }): Cursors => {
  const mac = (secret: string, kind: CursorKind, owner: string, position: Buffer): Buffer =>
    createHmac('sha256', secret)
      .update(`cursor\0${kind.name}\0${owner}\0`)
      .update(position)
      .digest()
      .subarray(0, macLength);

  return {
    write(kind, owner, position) {
      const bytes = Buffer.alloc(positionLength);
      bytes.writeBigUInt64BE(BigInt(position));
      const [signing = ''] = secrets.current;
      return Buffer.concat([bytes, mac(signing, kind, owner, bytes)]).toString('base64url');
    },
    read(kinds, owner, cursor, argument = 'after') {
      if (cursor === null || cursor === undefined) return undefined;
      const bytes = Buffer.from(cursor, 'base64url');
      const position = bytes.subarray(0, positionLength);
      const given = bytes.subarray(positionLength);
      const valid =
        given.length === macLength &&
        // Node reads base64 leniently: only the exact text that was issued is the cursor.
        bytes.toString('base64url') === cursor &&
        [kinds]
          .flat()
          .some((kind) =>
            secrets.current.some((secret) => timingSafeEqual(given, mac(secret, kind, owner, position))),
          );
      if (!valid) throw badInput(argument, 'This is not a cursor of this list.');
      return Number(position.readBigUInt64BE());
    },
  };
};
