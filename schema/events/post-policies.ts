/** People who may reply in a thread besides the author of its first post, if not everybody. */
export const replyPolicies = ['FOLLOWERS', 'FOLLOWED', 'MENTIONED', 'NOBODY'] as const;

/** People who may quote a post besides its author, if not everybody. */
export const quotePolicies = ['FOLLOWERS', 'NOBODY'] as const;
