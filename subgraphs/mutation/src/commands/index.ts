import * as lists from './list.ts';
import * as moderation from './moderation.ts';
import * as mutes from './mute.ts';
import * as pins from './pin.ts';
import * as posts from './post.ts';
import * as privateSettings from './private-settings.ts';
import * as profile from './profile.ts';
import * as quotes from './quote.ts';
import * as reactions from './reaction.ts';
import * as relations from './relation.ts';
import * as reports from './report.ts';
import * as threads from './thread.ts';

/** All commands, by their field of Mutation: everything that these files export. */
export const commands = {
  ...lists,
  ...mutes,
  ...moderation,
  ...pins,
  ...posts,
  ...privateSettings,
  ...profile,
  ...quotes,
  ...reactions,
  ...relations,
  ...threads,
  ...reports,
};
