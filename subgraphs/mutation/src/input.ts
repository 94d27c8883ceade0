import { badInput } from '@rookery/graphql-server';
import { z } from 'zod';
import { textFault } from './characters.ts';
import { readName, visibleTextFault } from './visible-text.ts';

/** Any text of `min` to `max` user-perceived characters, such as a password. */
export const characters = (min: number, max: number) =>
  z.string().superRefine((text, context) => {
    const fault = textFault(text, min, max);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  });

/** A text of `min` to `max` user-perceived characters that people read. */
const visibleText = (min: number, max: number) =>
  z.string().superRefine((text, context) => {
    const fault = visibleTextFault(text, min, max);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  });

/** In GraphQL an absent field differs from null; if both mean the same, null becomes absent. */
export const optional = <S extends z.ZodType>(schema: S) =>
  z
    .union([schema, z.null()])
    .transform((value) => value ?? undefined)
    .optional();

export const body = visibleText(1, 5_000);
export const name = z.string().transform((text, context) => {
  const read = readName(text, 80);
  if ('name' in read) return read.name;
  context.addIssue({ code: 'custom', message: read.fault });
  return z.NEVER;
});
/** Why a moderator acts, or somebody reports. */
export const moderationText = visibleText(1, 1_000);
export const bio = visibleText(0, 500);
export const password = characters(8, 128);
/** An id from a client: any text. An invalid id is not found. */
export const id = z.string();

/** The field that every command but signUp and logIn may have. */
export const keyed = z.object({
  idempotencyKey: optional(characters(1, 200).max(200, 'must have 1 to 200 characters')),
});

/**
 * The input of a command, checked.
 * @throws RookeryError BAD_USER_INPUT, naming the first field that is wrong
 */
export const parseInput = <S extends z.ZodType>(schema: S, raw: unknown): z.output<S> => {
  const read = schema.safeParse(raw);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const field = issue?.path.join('.') || 'input';
  throw badInput(field, `${field}: ${issue?.message ?? 'wrong'}.`);
};
