import * as pins from './pin.ts';
import * as posts from './post.ts';
import * as privateSettings from './private-settings.ts';
import * as profile from './profile.ts';
import * as reactions from './reaction.ts';
import * as relations from './relation.ts';

/** All commands, by their field of Mutation: everything that these files export. */
export const commands = { ...pins, ...posts, ...privateSettings, ...profile, ...reactions, ...relations };
