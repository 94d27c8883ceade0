import type { Model } from '../../support/model/social.ts';
import { notificationsInModel } from '../../support/model/views.ts';
import type { Workload } from '../workload/workload.ts';
import type { Person } from '../workload/world.ts';

interface Groups {
  readonly notifications: {
    readonly edges: readonly {
      readonly node: {
        readonly kind: string;
        readonly id: string;
        readonly actors: readonly { readonly id: string }[];
        readonly actorCount: number;
      };
    }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  } | null;
}

/** Compares the notifications of a person, read page by page, with the model. */
export const notificationDifferences = async (
  { world: { client } }: Workload,
  person: Person,
  expected: Model,
): Promise<string[]> => {
  const found: string[] = [];
  for (let cursor: string | null = null; ; ) {
    const answer: { readonly data: Groups | null } = await client.ask<Groups>(
      `query ($cursor: String) { notifications(first: 20, after: $cursor) {
        edges { node { kind id actors { id } actorCount } } pageInfo { hasNextPage endCursor } } }`,
      { cursor },
      { token: person.token },
    );
    const page: Groups['notifications'] = answer.data?.notifications ?? null;
    if (!page) return ['no answer'];
    const { edges, pageInfo } = page;
    found.push(
      ...edges.map(({ node: { kind, id, actors, actorCount } }) => {
        const object = id.slice(kind.length + 1);
        return `${kind} ${object}: ${actors.map((actor) => actor.id)} of ${actorCount}`;
      }),
    );
    cursor = pageInfo.endCursor;
    if (!pageInfo.hasNextPage || cursor === null) break;
  }
  const wanted = notificationsInModel(expected, person.id, 'MAIN');
  const missing = wanted.filter((group) => !found.includes(group));
  const extra = found.filter((group) => !wanted.includes(group));
  if (missing.length + extra.length > 0)
    return [
      `notifications of ${person.handle}: missing ${missing.slice(0, 3)} (${missing.length}), too many ${extra.slice(0, 3)} (${extra.length})`,
    ];
  return found.join() === wanted.join() ? [] : [`notifications of ${person.handle}: another order`];
};
