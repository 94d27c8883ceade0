export {
  type CursorKind,
  type Cursors,
  createCursors,
  defineCursorKind,
  friendsFeedCursor,
  notificationsCursor,
  ownItemCursor,
} from '@rookery/graphql-server/cursor';
