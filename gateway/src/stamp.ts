import { isId, signStamp } from '@rookery/service';
import type { Session } from './authenticate.ts';

/** As many as a stamp holds; the newest count. */
const most = 50;

export interface StampOptions {
  readonly secret: string;
  readonly viewer: string | null;
  readonly session?: Session | undefined;
  readonly requestId: string;
  readonly readAfter?: readonly string[];
}

/**
 * What the gateway vouches for in the fetches of one operation: for whom it asks, under which request id, and
 * after which activities the subgraphs must read. It grows while the operation's mutations are accepted.
 */
export class Stamp {
  readonly #of: StampOptions;
  #readAfter: readonly string[];
  #signed: string | undefined;

  constructor(options: StampOptions) {
    this.#of = options;
    this.#readAfter = options.readAfter ?? [];
  }

  /** The signed text that goes to a subgraph. */
  text(): string {
    const { secret, viewer, requestId, session } = this.#of;
    this.#signed ??= signStamp(secret, {
      viewer,
      requestId,
      ...(session && {
        session: { id: session.id ?? null, issuedAt: session.issuedAt, expiresAt: session.expiresAt },
      }),
      readAfter: [...this.#readAfter],
    });
    return this.#signed;
  }

  /** Equal for two operations in whose name a subgraph must answer a query alike. */
  get identity(): string {
    const { viewer, session } = this.#of;
    return `${viewer ?? ''} ${session?.id ?? ''} ${session?.issuedAt ?? ''} ${session?.expiresAt ?? ''} ${this.#readAfter.join(',')}`;
  }

  /** Later fetches of this operation are answered after these activities. */
  readAfter(ids: readonly unknown[]): void {
    const added = ids.filter((id): id is string => typeof id === 'string' && isId(id));
    if (added.length === 0) return;
    this.#readAfter = [...this.#readAfter, ...added].slice(-most);
    this.#signed = undefined;
  }
}
