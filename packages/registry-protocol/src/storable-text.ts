import { z } from 'zod';

/** True if Postgres can store a text, also within JSON. */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

/** Refuses characters that Postgres cannot store. */
export const storable = (text: z.ZodString): z.ZodString =>
  text.refine(isStorable, 'must be text without NUL and lone surrogates');

/** Text without space around it. */
export const textUpTo = (max: number): z.ZodString => storable(z.string().trim().min(1).max(max));
