import { type FieldNode, type GraphQLResolveInfo, isAbstractType } from 'graphql';
import type { QueryContext } from '../context.ts';
import type {
  CaseModel,
  FeedEventModel,
  FeedItemModel,
  HashtagModel,
  ListModel,
  MentionModel,
  ModerationModel,
  NotificationModel,
  PostModel,
  ReportModel,
  RevisionModel,
  SuggestedUserModel,
  TombstoneModel,
  TrendingHashtagModel,
  UserModel,
} from '../models.ts';
import { hashtagsIn } from '../reads/hashtag.ts';
import { readMentions } from '../reads/mentions.ts';
import { readPinnedPosts } from '../reads/pins.ts';
import { isPost, readParent, readPost } from '../reads/post.ts';
import { readQuoted } from '../reads/quotes.ts';
import { namedSharersOf } from '../reads/sharers.ts';
import { readAncestors } from '../reads/thread.ts';
import { readReferencedUser } from '../reads/user.ts';
import { fieldType, type Operation, type Selected, selectedFields } from './selection.ts';

/** The objects that hold texts or lead to some, by the names of their types. */
interface Weighable {
  readonly User: UserModel;
  readonly Post: PostModel;
  readonly Tombstone: TombstoneModel;
  readonly Mention: MentionModel;
  readonly Hashtag: HashtagModel;
  readonly TrendingHashtag: TrendingHashtagModel;
  readonly List: ListModel;
  readonly SuggestedUser: SuggestedUserModel;
  readonly FeedItem: FeedItemModel;
  readonly FeedEdge: { readonly node: FeedItemModel };
  readonly FeedEvent: FeedEventModel;
  readonly PostEdge: { readonly node: PostModel };
  readonly UserEdge: { readonly node: UserModel };
  readonly Notification: NotificationModel;
  readonly NotificationEdge: { readonly node: NotificationModel };
  readonly Report: ReportModel;
  readonly ReportEdge: { readonly node: ReportModel };
  readonly Case: CaseModel;
  readonly CaseEdge: { readonly node: CaseModel };
  readonly Moderation: ModerationModel;
  readonly ModerationEdge: { readonly node: ModerationModel };
  readonly Revision: RevisionModel;
  readonly RevisionEdge: { readonly node: RevisionModel };
  readonly ThreadEdge: { readonly node: PostModel | TombstoneModel };
}
type WeighableName = keyof Weighable;

/** One object behind a field, with its type's name. */
export type Part = { [N in WeighableName]: readonly [N, Weighable[N]] }[WeighableName];

interface Weights<T> {
  /** Fields of any length. */
  readonly texts?: { readonly [field: string]: (value: T) => string | null };
  /** Fields that lead to one object more, or to several. Pages are not among them: they count what they hold by themselves. */
  readonly parts?: {
    readonly [field: string]: (
      value: T,
      context: QueryContext,
    ) => Part | Promise<Part | readonly Part[] | undefined>;
  };
}

const placePart = (place: PostModel | TombstoneModel): Part =>
  isPost(place) ? ['Post', place] : ['Tombstone', place];

const parent = async (
  place: PostModel | TombstoneModel,
  context: QueryContext,
): Promise<Part | undefined> => {
  const found = await readParent(context, place);
  if (found === undefined) return undefined;
  return placePart(found);
};

export const weights: { readonly [N in WeighableName]: Weights<Weighable[N]> } = {
  User: {
    texts: { name: ({ name }) => name, bio: ({ bio }) => bio },
    parts: {
      pinnedPosts: async (user, context) =>
        (await readPinnedPosts(context, user)).map((post) => ['Post', post] as const),
    },
  },
  Post: {
    texts: { body: ({ body }) => body },
    parts: {
      author: ({ author }) => ['User', author],
      inReplyTo: async ({ inReplyTo }, context) => {
        const post = inReplyTo === null ? undefined : await readPost(context, inReplyTo);
        return post && ['Post', post];
      },
      quotedPost: async (post, context) => {
        const quoted = await readQuoted(context, post);
        return quoted && ['Post', quoted];
      },
      parent,
      ancestors: async (post, context) => (await readAncestors(context, post)).map(placePart),
      mentions: async (post, context) =>
        (await readMentions(context, post)).map((mention) => ['Mention', mention] as const),
      hashtags: async (post) => hashtagsIn(post).map((hashtag) => ['Hashtag', hashtag] as const),
    },
  },
  Tombstone: { parts: { parent } },
  Mention: { parts: { user: ({ user }) => ['User', user] } },
  Hashtag: { texts: { name: ({ name }) => name } },
  TrendingHashtag: { parts: { hashtag: ({ hashtag }) => ['Hashtag', hashtag] } },
  List: { texts: { name: ({ name }) => name } },
  SuggestedUser: { parts: { user: ({ user }) => ['User', user] } },
  FeedItem: {
    parts: {
      actor: ({ actor }) => ['User', actor],
      post: ({ post }) => ['Post', post],
      sharers: async (item) => (await namedSharersOf(item)).map((sharer) => ['User', sharer] as const),
    },
  },
  FeedEdge: { parts: { node: ({ node }) => ['FeedItem', node] } },
  FeedEvent: {
    parts: {
      item: async ({ item }) => item && ['FeedItem', item],
      post: async ({ post }) => post && ['Post', post],
    },
  },
  PostEdge: { parts: { node: ({ node }) => ['Post', node] } },
  UserEdge: { parts: { node: ({ node }) => ['User', node] } },
  Notification: {
    parts: {
      post: async ({ post }) => (post ? ['Post', post] : undefined),
      reply: async ({ reply }) => (reply ? ['Post', reply] : undefined),
      quote: async ({ quote }) => (quote ? ['Post', quote] : undefined),
      actors: async ({ actors }) => actors.map((actor) => ['User', actor] as const),
    },
  },
  NotificationEdge: { parts: { node: ({ node }) => ['Notification', node] } },
  Report: {
    texts: { text: ({ text }) => text },
    parts: {
      reporter: async ({ reporter }, context) => {
        const user = await readReferencedUser(context, reporter);
        return user && ['User', user];
      },
    },
  },
  ReportEdge: { parts: { node: ({ node }) => ['Report', node] } },
  Case: {
    texts: { body: ({ body }) => body },
    parts: { reports: async ({ reports }) => reports.map((report) => ['Report', report] as const) },
  },
  CaseEdge: { parts: { node: ({ node }) => ['Case', node] } },
  Moderation: {
    texts: { reason: ({ reason }) => reason },
    parts: {
      moderator: async ({ moderator }, context) => {
        const user = await readReferencedUser(context, moderator);
        return user && ['User', user];
      },
    },
  },
  ModerationEdge: { parts: { node: ({ node }) => ['Moderation', node] } },
  Revision: { texts: { body: ({ body }) => body } },
  RevisionEdge: { parts: { node: ({ node }) => ['Revision', node] } },
  ThreadEdge: { parts: { node: ({ node }) => placePart(node) } },
};

const isPart = (inside: Part | readonly Part[]): inside is Part => typeof inside[0] === 'string';

/** No other value is longer: ids, instants, cursors, counts, handles, names of enum values and of types. */
const leafBytes = 128;
/** Quotes, colon and comma of a field; braces and comma of an object. */
const punctuation = 4;

/** The bytes that objects take in the answer to one operation, at most; selections are read once for all objects. */
class AnswerWeights {
  readonly #context: QueryContext;
  readonly #operation: Operation;
  readonly #selected = new WeakMap<readonly FieldNode[], Map<string, readonly Selected[]>>();

  constructor(context: QueryContext, operation: Operation) {
    this.#context = context;
    this.#operation = operation;
  }

  async object(part: Part, nodes: readonly FieldNode[]): Promise<number> {
    const [typeName, value] = part;
    const { texts = {}, parts = {} } = weights[typeName] as Weights<unknown>;
    let bytes = punctuation;
    for (const field of this.selected(typeName, nodes)) {
      const text = texts[field.name];
      const follow = parts[field.name];
      bytes += fieldBytes(field);
      if (text) bytes += textBytes(text(value));
      else if (follow) {
        const inside = await follow(value, this.#context);
        bytes += inside ? await this.#parts(inside, field.nodes) : leafBytes;
      } else bytes += this.#outline(field);
    }
    return bytes;
  }

  async #parts(inside: Part | readonly Part[], nodes: readonly FieldNode[]): Promise<number> {
    const parts = isPart(inside) ? [inside] : inside;
    const bytes = await Promise.all(parts.map((part) => this.object(part, nodes)));
    return bytes.reduce((sum, each) => sum + each, punctuation);
  }

  selected(typeName: string, nodes: readonly FieldNode[]): readonly Selected[] {
    const byType = this.#selected.get(nodes) ?? new Map<string, readonly Selected[]>();
    this.#selected.set(nodes, byType);
    const known = byType.get(typeName) ?? selectedFields(this.#operation, typeName, nodes);
    byType.set(typeName, known);
    return known;
  }

  /** Returns whether pages are asked for inside these objects. */
  holdsPages(typeName: string, nodes: readonly FieldNode[]): boolean {
    const type = this.#operation.schema.getType(typeName);
    if (isAbstractType(type))
      return this.#operation.schema.getPossibleTypes(type).some(({ name }) => this.holdsPages(name, nodes));
    return this.selected(typeName, nodes).some((field) => {
      const type = fieldType(field);
      return (
        type !== undefined && (type.name.endsWith('Connection') || this.holdsPages(type.name, field.nodes))
      );
    });
  }

  /** A value without its texts: a leaf, or a page whose items count themselves. */
  #outline(field: Selected): number {
    const type = fieldType(field);
    if (type === undefined) return leafBytes;
    const fields = this.selected(type.name, field.nodes);
    if (type.isList || fields.length === 0) return leafBytes;
    return fields.reduce((sum, inside) => sum + fieldBytes(inside) + this.#outline(inside), punctuation);
  }
}

const escaped = /["\\\p{Cc}]/u;

/** The bytes of a text as JSON; most texts need no escapes, and counting is far cheaper than writing them. */
export const textBytes = (text: string | null): number =>
  text === null || !text.isWellFormed() || escaped.test(text)
    ? Buffer.byteLength(JSON.stringify(text))
    : Buffer.byteLength(text) + 2;

/** A response key is a GraphQL name: one byte per character. */
const fieldBytes = ({ key }: Selected): number => key.length + punctuation;

/** The room of one page in the answer. */
export interface PageRoom<T> {
  /** Takes room for as many nodes as fit, in their order. */
  take(nodes: readonly T[]): Promise<number>;
}

type EdgeName = Extract<WeighableName, `${string}Edge`>;

/** @param info of the field that leads to the connection of these edges */
export const pageRoom = <N extends EdgeName>(
  context: QueryContext,
  edgeName: N,
  info: GraphQLResolveInfo,
): PageRoom<Weighable[N]['node']> => ({
  async take(nodes) {
    const answer = new AnswerWeights(context, info);
    const connection = `${edgeName.slice(0, -'Edge'.length)}Connection`;
    const edges = answer.selected(connection, info.fieldNodes).filter(({ name }) => name === 'edges');
    const bytes = await Promise.all(
      nodes.map(async (node) => {
        const each = edges.map((field) =>
          answer.object([edgeName, { node }] as unknown as Part, field.nodes),
        );
        return (await Promise.all(each)).reduce((sum, one) => sum + one, 0);
      }),
    );
    const sharing = edges.some((field) => answer.holdsPages(edgeName, field.nodes));
    return context.allowance.useForPage(bytes, sharing);
  },
});

/**
 * Makes room for an object that an operation asks for by itself.
 * @throws RookeryError BAD_USER_INPUT if the answer cannot hold it
 */
export const makeRoom = async (context: QueryContext, part: Part, info: GraphQLResolveInfo): Promise<void> =>
  context.allowance.use(await new AnswerWeights(context, info).object(part, info.fieldNodes));
