import { dateTime } from '@rookery/graphql-server';
import { readRecorded } from '@rookery/schema/events';
import type { Resolvers } from '../generated/resolvers.ts';
import type { Command } from './commands/command.ts';
import { commands } from './commands/index.ts';
import type { MutationContext } from './context.ts';
import { type Receipt, receipt } from './models.ts';

/** Returns the payload, and tells the gateway that later reads of the operation must reflect its activity. */
const toBeReflected = <Payload extends { readonly activity: Receipt | null }>(
  payload: Payload,
  { responseExtensions }: MutationContext,
): Payload => {
  if (payload.activity) responseExtensions.addReadAfter(payload.activity.id);
  return payload;
};

type CommandResolver<Payload> = (
  root: unknown,
  args: { readonly input: object; readonly [argument: string]: unknown },
  context: MutationContext,
) => Promise<Payload & { readonly activity: Receipt }>;
type CommandResolvers = {
  readonly [Field in keyof typeof commands]: CommandResolver<ReturnType<(typeof commands)[Field]['payload']>>;
};

/** Returns a resolver that executes the command. Arguments beside `input` belong to its input. */
const executes =
  (command: Command): CommandResolver<object> =>
  async (_root, { input, ...more }, context) => {
    const event = await context.execute(command, { ...input, ...more }, context);
    const { verb } = readRecorded(event);
    return toBeReflected({ activity: receipt(verb, event), ...command.payload(event) }, context);
  };

const commandResolvers = Object.fromEntries(
  Object.entries(commands).map(([field, command]) => [field, executes(command as unknown as Command)]),
) as unknown as CommandResolvers;

export const resolvers: Resolvers = {
  DateTime: dateTime,
  Mutation: {
    signUp: async (_root, { input }, context) =>
      toBeReflected(await context.accounts.signUp(input, context), context),
    logIn: (_root, { input }, context) => context.accounts.logIn(input, context),
    refreshSession: (_root, { input }, context) => context.accounts.refreshSession(input, context),
    logOut: (_root, _args, context) => context.accounts.logOut(context),
    changeHandle: async (_root, { input }, context) =>
      toBeReflected(await context.accounts.changeHandle(input, context), context),
    registerPush: (_root, { input }, context) => context.push.register(input, context),
    unregisterPush: (_root, { input }, context) => context.push.unregister(input, context),
    changePassword: (_root, { input }, context) => context.accounts.changePassword(input, context),
    ...commandResolvers,
  },
};
