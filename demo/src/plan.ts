/** A person who signs up. */
export interface Person {
  /** 3 to 30 of a-z, 0-9 and _. */
  readonly handle: string;
  readonly name: string;
}

/** A write of the public API. People are named by handle, posts by a key that is unique in the plan. */
export type Call =
  | { readonly field: 'followUser' | 'blockUser'; readonly actor: string; readonly user: string }
  | {
      readonly field: 'publishPost';
      readonly actor: string;
      readonly post: string;
      readonly body: string;
      readonly inReplyTo?: string;
    }
  | { readonly field: 'likePost' | 'sharePost'; readonly actor: string; readonly post: string };

/** Independent calls, which may run concurrently. Phases run one after the other. */
interface Phase {
  readonly title: string;
  readonly calls: readonly Call[];
}

/** Everything that a demo network does. */
export interface Plan {
  readonly people: readonly Person[];
  readonly phases: readonly Phase[];
  /** Handle of the person whose account visitors use. */
  readonly guide: string;
}

/** Returns the number of calls of a kind. */
export const countOf = (plan: Plan, field: Call['field']): number =>
  plan.phases.reduce((n, { calls }) => n + calls.filter((c) => c.field === field).length, 0);
