import type { Model } from '../../support/model/social.ts';
import type { Workload } from '../workload/workload.ts';
import type { Person } from '../workload/world.ts';

interface Groups {
  readonly notifications: {
    readonly edges: readonly {
      readonly node: {
        readonly kind: string;
        readonly id: string;
        readonly actors: readonly { readonly id: string }[];
      };
    }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  } | null;
}

/** Newest posts and shares of a viewer among which edits of shared posts are found. */
const shareWindow = 40;

/** Returns the groups that a viewer is shown, as `KIND:object newest actors`. */
const shownTo = (model: Model, viewer: string): string[] => {
  const isHidden = (person: string): boolean =>
    !model.users.has(person) ||
    model.isBlocked(viewer, person) ||
    model.relations.mute.has(`${viewer} ${person}`);
  const newest = new Set(model.ownFeed(viewer).slice(0, shareWindow));
  return model.notifications(viewer).flatMap(({ kind, object, acts }) => {
    const post = model.posts.get(object);
    const isOfViewer = ['FOLLOW', 'FOLLOW_REQUEST', 'SIGN_IN', 'REPORT_RESOLVED'].includes(kind);
    if (!isOfViewer && (!post || post.deleted || model.isBlocked(viewer, post.author))) return [];
    if (!isOfViewer && !model.isFor(viewer, object)) return [];
    if (kind === 'EDIT' && !newest.has(`SHARE ${object}`)) return [];
    const actors = acts
      .filter(({ reply }) => reply === undefined || model.isFor(viewer, reply))
      .map(({ actor }) => actor)
      .filter((actor) => !isHidden(actor));
    return actors.length === 0 ? [] : [`${kind}:${object} ${actors.slice(0, 3)}`];
  });
};

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
        edges { node { kind id actors { id } } } pageInfo { hasNextPage endCursor } } }`,
      { cursor },
      { token: person.token },
    );
    const page: Groups['notifications'] = answer.data?.notifications ?? null;
    if (!page) return ['no answer'];
    const { edges, pageInfo } = page;
    found.push(...edges.map(({ node }) => `${node.id} ${node.actors.map(({ id }) => id)}`));
    cursor = pageInfo.endCursor;
    if (!pageInfo.hasNextPage || cursor === null) break;
  }
  const wanted = shownTo(expected, person.id);
  const missing = wanted.filter((group) => !found.includes(group));
  const extra = found.filter((group) => !wanted.includes(group));
  if (missing.length + extra.length > 0)
    return [
      `notifications of ${person.handle}: missing ${missing.slice(0, 3)} (${missing.length}), too many ${extra.slice(0, 3)} (${extra.length})`,
    ];
  return found.join() === wanted.join() ? [] : [`notifications of ${person.handle}: another order`];
};
