import { ofEachAction, type ToggleAction } from './toggles.ts';

/**
 * Everything that clients of the fault harness do, as the API and the recorded events name it. It shares no code with the product: the
 * names are repeated on purpose.
 */

export type Action =
  | 'sign-up'
  | 'sign-in'
  | 'profile'
  | 'publish'
  | 'edit'
  | 'delete'
  | 'approve'
  | 'reject'
  | 'hide reply'
  | 'unhide reply'
  | 'revoke quote'
  | 'set policy'
  | 'mute thread'
  | 'unmute thread'
  | 'mute word'
  | 'unmute word'
  | 'create list'
  | 'rename list'
  | 'delete list'
  | 'add to list'
  | 'remove from list'
  | 'read feed'
  | 'read notifications'
  | 'choose feed'
  | 'choose notifications'
  | 'change handle'
  | 'report post'
  | 'report user'
  | 'resolve reports'
  | 'hide post'
  | 'unhide post'
  | 'suspend'
  | 'unsuspend'
  | ToggleAction;

interface ActionKind {
  /** Type of the recorded event. */
  readonly event: string;
  /** Field of Mutation, and the type of its input. */
  readonly field: string;
  readonly input: string;
  /** Field of the input that names the subject of the event; absent: the subject is not sent. */
  readonly about?: 'postId' | 'userId' | 'listId' | 'about';
}

const post = { input: 'PostInput', about: 'postId' } as const;
const user = { input: 'UserInput', about: 'userId' } as const;
const word = { input: 'MutedWordInput' } as const;
const member = { input: 'ListMemberInput', about: 'listId' } as const;
const onePost = { input: 'ModeratePostInput', about: 'postId' } as const;
const oneUser = { input: 'ModerateUserInput', about: 'userId' } as const;

const kindOf = (event: string, field: string, input: Omit<ActionKind, 'event' | 'field'>): ActionKind => ({
  ...{ event: `rookery.${event}.v1`, field },
  ...input,
});

export const actions: Readonly<Record<Action, ActionKind>> = {
  'sign-up': kindOf('user.signed-up', 'signUp', { input: 'SignUpInput' }),
  'sign-in': kindOf('user.signed-in', 'logIn', { input: 'LogInInput' }),
  profile: kindOf('user.profile-updated', 'updateProfile', { input: 'UpdateProfileInput' }),
  publish: kindOf('post.published', 'publishPost', { input: 'PublishPostInput' }),
  edit: kindOf('post.edited', 'editPost', { input: 'EditPostInput', about: 'postId' }),
  delete: kindOf('post.deleted', 'deletePost', post),
  approve: kindOf('user.follow-approved', 'approveFollow', user),
  reject: kindOf('user.follow-rejected', 'rejectFollow', user),
  'hide reply': kindOf('post.reply-hidden', 'hideReply', post),
  'unhide reply': kindOf('post.reply-unhidden', 'unhideReply', post),
  'revoke quote': kindOf('post.quote-revoked', 'revokeQuote', post),
  'set policy': kindOf('post.policy-set', 'setPostPolicy', { input: 'SetPostPolicyInput', about: 'postId' }),
  'mute thread': kindOf('post.thread-muted', 'muteThread', post),
  'unmute thread': kindOf('post.thread-unmuted', 'unmuteThread', post),
  'mute word': kindOf('user.word-muted', 'muteWord', word),
  'unmute word': kindOf('user.word-unmuted', 'unmuteWord', word),
  'create list': kindOf('list.created', 'createList', { input: 'CreateListInput' }),
  'rename list': kindOf('list.renamed', 'renameList', { input: 'RenameListInput', about: 'listId' }),
  'delete list': kindOf('list.deleted', 'deleteList', { input: 'ListInput', about: 'listId' }),
  'add to list': kindOf('list.member-added', 'addToList', member),
  'remove from list': kindOf('list.member-removed', 'removeFromList', member),
  'read feed': kindOf('user.list-read', 'markFeedRead', { input: 'MarkReadInput' }),
  'read notifications': kindOf('user.list-read', 'markNotificationsRead', { input: 'MarkReadInput' }),
  'choose feed': kindOf('user.friends-feed-set', 'setFriendsFeed', { input: 'SetFriendsFeedInput' }),
  'choose notifications': kindOf('user.notifications-set', 'setNotifications', {
    input: 'SetNotificationsInput',
  }),
  'change handle': kindOf('user.handle-changed', 'changeHandle', { input: 'ChangeHandleInput' }),
  'report post': kindOf('report.made', 'reportPost', { input: 'ReportPostInput', about: 'postId' }),
  'report user': kindOf('report.made', 'reportUser', { input: 'ReportUserInput', about: 'userId' }),
  'resolve reports': kindOf('report.resolved', 'resolveReports', {
    ...{ input: 'ResolveReportsInput', about: 'about' },
  }),
  'hide post': kindOf('post.hidden', 'hidePost', onePost),
  'unhide post': kindOf('post.unhidden', 'unhidePost', onePost),
  suspend: kindOf('user.suspended', 'suspendUser', oneUser),
  unsuspend: kindOf('user.unsuspended', 'unsuspendUser', oneUser),
  ...ofEachAction(({ events, fields, input }, at) => ({
    ...{ event: events[at], field: fields[at], input },
    about: input === 'PostInput' ? ('postId' as const) : ('userId' as const),
  })),
};

/** Actions whose event is about the one who acts, who is not sent. */
export const aboutActor: ReadonlySet<Action> = new Set([
  ...(['sign-in', 'profile', 'read feed', 'read notifications'] as const),
  ...(['choose feed', 'choose notifications', 'change handle'] as const),
]);

/** Actions whose event is about something that stands for the actor and a word. */
export const aboutWord: ReadonlySet<Action> = new Set(['mute word', 'unmute word']);
