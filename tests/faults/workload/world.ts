import type { ReferenceModel } from '../../support/model/reference-model.ts';
import type { GatewayClient } from '../gateway-client.ts';
import type { Watch } from './watch.ts';

export interface Person {
  readonly id: string;
  /** With which they signed up. */
  readonly handle: string;
  /** Their handle by now, as far as they know. */
  called: string;
  readonly token: string;
}

export type Visibility = 'FOLLOWERS' | 'MENTIONED';

export interface KnownPost {
  readonly id: string;
  readonly author: string;
  /** The post that it answers. */
  readonly inReplyTo: string | undefined;
  /** The post that it quotes. */
  readonly quoted: string | undefined;
  /** For whom it is, if it is not for everybody. */
  readonly visibility: Visibility | undefined;
  /** Somebody has begun to delete it. */
  deleting: boolean;
  /** Time at which its deletion was known to be projected everywhere (performance.now()); undefined if unknown. */
  gone: number | undefined;
  /** When it was known to be projected everywhere. */
  shown: number | undefined;
}

/** State that all clients of one run share. */
export interface SharedWorld {
  readonly client: GatewayClient;
  readonly referenceModel: ReferenceModel;
  readonly watch: Watch;
  /** Those who act; the first are the hot ones. */
  readonly people: Person[];
  /** Everybody who ever signed up. */
  readonly signedUp: Person[];
  /** Newest last. */
  readonly posts: KnownPost[];
  readonly postById: Map<string, KnownPost>;
  /** Pairs of people, as `<id> <id>` in both orders, of whom one has ever begun to block the other. */
  readonly blocked: Set<string>;
  /** Posts that a moderator has ever begun to hide. */
  readonly moderated: Set<string>;
  /** People who have ever begun to protect their accounts. */
  readonly guarded: Set<string>;
  /**
   * The queue has forgotten idempotency keys, as it does after a day. A key of a command that is not recorded yet may then
   * be accepted for another one, of which one is rejected in the end.
   */
  keysForgotten: boolean;
  /** Time at which the last mute ends by itself, of those that end soon. */
  mutesEnd: number;
  /** Aborted when clients are to stop. */
  readonly stopping: AbortSignal;
  /** False while an answer may arrive much later than it was sent (a held link, a frozen process), or out of order. */
  punctual(): boolean;
}
