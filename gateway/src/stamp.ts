import { isId, signStamp } from '@rookery/service';

/** As many as a stamp holds; the newest count. */
const most = 50;

/**
 * What the gateway vouches for in the fetches of one operation: for whom it asks, under which request id, and
 * after which activities the subgraphs must read. It grows while the operation's mutations are accepted.
 */
export class Stamp {
  readonly #secret: string;
  readonly #viewer: string | null;
  readonly #requestId: string;
  #readAfter: readonly string[];
  #signed: string | undefined;

  constructor(secret: string, viewer: string | null, requestId: string, readAfter: readonly string[]) {
    this.#secret = secret;
    this.#viewer = viewer;
    this.#requestId = requestId;
    this.#readAfter = readAfter;
  }

  /** The signed text that goes to a subgraph. */
  text(): string {
    this.#signed ??= signStamp(this.#secret, {
      viewer: this.#viewer,
      requestId: this.#requestId,
      readAfter: [...this.#readAfter],
    });
    return this.#signed;
  }

  /** Later fetches of this operation are answered after these activities. */
  readAfter(ids: readonly unknown[]): void {
    const added = ids.filter((id): id is string => typeof id === 'string' && isId(id));
    if (added.length === 0) return;
    this.#readAfter = [...this.#readAfter, ...added].slice(-most);
    this.#signed = undefined;
  }
}
