/** `broken`: it no longer validates, or cannot supply what is required. `possibly-affected`: it may answer otherwise. */
export type Effect = 'broken' | 'possibly-affected' | 'unaffected';

export const effects: readonly Effect[] = ['broken', 'possibly-affected', 'unaffected'];

/** Traffic of one version of one client. */
export interface ClientUsage {
  readonly name: string;
  readonly version: string | null;
  readonly count: number;
  readonly lastSeen: string | null;
  /** Subscriptions that it had open at the last report. */
  readonly openSubscriptions: number;
}

/** Reason of a verdict, with the offending place in the document. */
export interface VerdictCause {
  /** Coordinates of the changes that it comes from; empty if validation alone shows it. */
  readonly coordinates: readonly string[];
  readonly message: string;
  /** Place in `document`, from 1. */
  readonly line: number;
  readonly column: number;
}

/** Effect of all changes on one operation. */
export interface OperationVerdict {
  /** SHA-256 of the normalized document. */
  readonly id: string;
  readonly name: string;
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly effect: Effect;
  /** Normalized document, to which `line` and `column` of the causes refer. */
  readonly document: string;
  readonly causes: readonly VerdictCause[];
  readonly clients: readonly ClientUsage[];
  /** Requests in the window. */
  readonly count: number;
  readonly lastSeen: string | null;
  /** Open subscriptions at the last report. */
  readonly openSubscriptions: number;
  /** True if an app version ships it, so that it is live without traffic. */
  readonly trusted: boolean;
  /** True if the check fails because of this operation. */
  readonly refused: boolean;
  /** Why it says nothing about this change; absent if it was compared. */
  readonly skipped?: string;
}

/** Effect of all changes on one version of one client: that of its worst operation. */
export interface AppVersionVerdict {
  readonly name: string;
  readonly version: string | null;
  readonly effect: Effect;
  readonly count: number;
  readonly lastSeen: string | null;
  /** Ids of the operations that are broken or possibly affected. */
  readonly operations: readonly string[];
}

/** Effect of all changes on the subscriptions to one operation that one version of one client has open. */
export interface OpenSubscriptionVerdict {
  /** Id and name of the operation. */
  readonly id: string;
  readonly name: string;
  readonly client: { readonly name: string; readonly version: string | null };
  readonly open: number;
  readonly effect: Effect;
}
