import { newId } from '@rookery/runtime';
import { beforeAll, expect } from 'vitest';
import { type Answer, type Ask, openSocket, overHttp } from '../support/clients/raw-client.ts';
import { eventuallyPasses } from '../support/eventually-passes.ts';
import { type Account, type SharedSystem, sharedSystem } from '../support/index.ts';
import { signUpModerator } from '../support/systems/moderator.ts';
import { act, activityOf } from './act.ts';
import { publish, publishedIn } from './publish.ts';

/** A command about one object: its field, the type of its input, and the input for the object with an id. */
type CommandOn = readonly [field: string, type: string, input: (id: string) => object];

/** Every command about a post. */
export const commandsOnPost: readonly CommandOn[] = [
  ...[
    'likePost',
    'unlikePost',
    'sharePost',
    'unsharePost',
    'bookmarkPost',
    'unbookmarkPost',
    'deletePost',
    'hideReply',
    'unhideReply',
    'revokeQuote',
  ].map((field) => [field, 'PostInput', (postId: string) => ({ postId })] as const),
  ['setPostPolicy', 'SetPostPolicyInput', (postId) => ({ postId, replyPolicy: 'NOBODY' })],
  ['editPost', 'EditPostInput', (postId) => ({ postId, body: 'x' })],
  ['publishPost', 'PublishPostInput', (inReplyTo) => ({ body: 'x', inReplyTo })],
  ['publishPost', 'PublishPostInput', (quotedPostId) => ({ body: 'x', quotedPostId })],
];

/** As many accounts as a number says. */
type People<N extends number, All extends Account[] = []> = All['length'] extends N
  ? All
  : People<N, [...All, Account]>;

/**
 * Starts a story of a test file on the shared system: what accounts do one after the other, and reads that see all of it. Call it
 * before the file registers hooks, which find the system running.
 */
export const startStory = () => {
  let system: SharedSystem;
  let client: Ask;
  beforeAll(async () => {
    system = await sharedSystem();
    client = overHttp(system.gatewayUrl);
  });
  const ask: Ask = (...operation) => client(...operation);
  /** Signs up people. */
  const people = <N extends number>(count: N): Promise<People<N>> =>
    Promise.all(Array.from({ length: count }, () => system.signUp())) as Promise<People<N>>;
  /** Signs up a moderator. */
  const moderator = (): Promise<Account> => signUpModerator(system);
  /** Opens a WebSocket of an account. */
  const connect = async ({ token }: Account) => {
    const socket = await openSocket(system.gatewayUrl);
    await socket.init(token);
    return socket;
  };
  /** The activities that every read must see. */
  const seen: string[] = [];
  /** Id of an object that never was. */
  const never = newId();

  /** Runs a command that is accepted. Returns its activity. */
  const does = async (
    by: Account,
    field: string,
    input: object,
    type = 'userId' in input ? 'UserInput' : 'PostInput',
  ): Promise<string> => {
    const answer = await act(ask, by, field, type, input);
    expect(answer.errors, field).toEqual([]);
    const activity = activityOf(answer, field);
    seen.push(activity);
    return activity;
  };
  /** Runs a command of a moderator about a post or a user. Returns its activity. */
  const moderates = (by: Account, field: string, input: object): Promise<string> =>
    does(
      by,
      field,
      { reason: 'Spam.', ...input },
      'userId' in input ? 'ModerateUserInput' : 'ModeratePostInput',
    );
  /** Publishes a post. Returns its id. */
  const says = async (by: Account, body: string, more: object = {}): Promise<string> => {
    const { activity, post } = publishedIn(await publish(ask, by, body, more));
    seen.push(activity.id);
    return post.id;
  };
  const read = (by: Account | undefined, query: string, variables: object = {}): Promise<Answer> =>
    ask({ query, variables }, by?.token, { 'x-read-after': seen.slice(-20).join(',') });

  /** Each command is refused for this object as for one that never was. */
  const expectRefused = async (
    by: Account,
    commands: readonly CommandOn[],
    object: string,
  ): Promise<void> => {
    // A store that does not answer in time makes the command accepted, whether the object is hidden or absent.
    for (const [field, type, input] of commands)
      await eventuallyPasses(async () => {
        const [a, b] = [
          await act(ask, by, field, type, input(object)),
          await act(ask, by, field, type, input(never)),
        ];
        expect(a.code, field).toBe('NOT_FOUND');
        expect(a.text).toBe(b.text);
      });
  };
  return { ask, people, moderator, connect, seen, never, does, moderates, says, read, expectRefused };
};
