import { parse } from 'graphql';
import type { SubgraphName } from '../../graphql/index.ts';

/** Context and mapped types of the resolvers of each subgraph, relative to its folder `generated/`. */
const targets: Readonly<Record<SubgraphName, { contextType: string; mappers: Record<string, string> }>> = {
  mutation: {
    contextType: '../src/context.ts#MutationContext',
    mappers: {
      User: '../src/models.ts#UserRef',
      Post: '../src/models.ts#PostRef',
      List: '../src/models.ts#ListRef',
    },
  },
  query: {
    contextType: '../src/context.ts#QueryContext',
    mappers: {
      User: '../src/models.ts#UserModel',
      Post: '../src/models.ts#PostModel',
      Tombstone: '../src/models.ts#TombstoneModel',
      Mention: '../src/models.ts#MentionModel',
      Hashtag: '../src/models.ts#HashtagModel',
      TrendingHashtag: '../src/models.ts#TrendingHashtagModel',
      List: '../src/models.ts#ListModel',
      SuggestedUser: '../src/models.ts#SuggestedUserModel',
      FeedItem: '../src/models.ts#FeedItemModel',
      PageInfo: '../src/connection.ts#PageInfoModel',
      FeedEdge: '../src/models.ts#FeedEdgeModel',
      PostEdge: '../src/models.ts#PostEdgeModel',
      UserEdge: '../src/models.ts#UserEdgeModel',
      Revision: '../src/models.ts#RevisionModel',
      RevisionEdge: '../src/models.ts#RevisionEdgeModel',
      Report: '../src/models.ts#ReportModel',
      ReportEdge: '../src/models.ts#ReportEdgeModel',
      Case: '../src/models.ts#CaseModel',
      CaseEdge: '../src/models.ts#CaseEdgeModel',
      Moderation: '../src/models.ts#ModerationModel',
      ModerationEdge: '../src/models.ts#ModerationEdgeModel',
      ThreadEdge: '../src/models.ts#ThreadEdgeModel',
      FeedEvent: '../src/models.ts#FeedEventModel',
      FeedConnection: '../src/connection.ts#FeedConnectionModel',
      NotificationConnection: '../src/connection.ts#NotificationConnectionModel',
      Notification: '../src/models.ts#NotificationModel',
      NotificationEdge: '../src/models.ts#NotificationEdgeModel',
      ReadMarker: '../src/models.ts#ReadMarkerModel',
      Activity: '../src/models.ts#ActivityModel',
    },
  },
};

const header = '// Generated from the SDL by `npm run schema:generate`. Do not edit.\n';

/** Returns the types of the resolvers of one subgraph as TypeScript source. */
export const resolverTypes = async (subgraph: SubgraphName, sdl: string): Promise<string> => {
  // It takes long to load, and only this repository needs it.
  const [{ codegen }, typescript, typescriptResolvers] = await Promise.all([
    import('@graphql-codegen/core'),
    import('@graphql-codegen/typescript'),
    import('@graphql-codegen/typescript-resolvers'),
  ]);
  const source = await codegen({
    filename: 'resolvers.ts',
    schema: parse(sdl),
    documents: [],
    config: {
      ...targets[subgraph],
      federation: true,
      useTypeImports: true,
      // Node runs these files without compilation, so enums are unions of strings.
      enumsAsTypes: true,
      scalars: { DateTime: 'string', _FieldSet: 'string', ID: { input: 'string', output: 'string' } },
      strictScalars: true,
      skipTypename: true,
      // Lets a resolver return undefined in spite of exactOptionalPropertyTypes.
      maybeValue: 'T | null | undefined',
    },
    plugins: [{ typescript: {} }, { typescriptResolvers: {} }],
    pluginMap: { typescript, typescriptResolvers },
  });
  return header + source;
};
