import { badInput, conflict } from '@rookery/graphql-server';
import { z } from 'zod';
import type { HandleClaim } from '../accounts/handles.ts';
import { characters, name, password } from '../input.ts';
import type { Fact } from './command.ts';

export const signUpInput = z.object({ handle: z.string(), name, password });

/** Accepts every password that was ever valid, so that a wrong one is wrong whatever its length. */
export const logInInput = z.object({ handle: z.string(), password: characters(0, 128) });

/** Any text: what cannot be a refresh token is refused as one that is of no use. */
export const refreshSessionInput = z.object({ refreshToken: z.string() });

export const changePasswordInput = z.object({
  currentPassword: characters(0, 128),
  newPassword: password,
});

export const changeHandleInput = z.object({ handle: z.string() });

/**
 * Returns a handle that somebody can have. `taken` states whether an account has a handle that looks like the text, or such a
 * handle is reserved: a look-alike is as unavailable as the handle itself.
 * @throws RookeryError CONFLICT if the handle is taken, BAD_USER_INPUT if it is invalid
 */
export const demandFree = ({ handle }: HandleClaim, taken: boolean): string => {
  if (taken) throw handleTaken();
  if (handle === undefined) {
    throw badInput('handle', 'handle: must have 3 to 30 characters out of a to z, 0 to 9 and _.');
  }
  return handle;
};

/** Decides a sign-up. @throws RookeryError CONFLICT, BAD_USER_INPUT */
export const decideSignUp = (
  claim: HandleClaim,
  taken: boolean,
  name: string,
): Fact & { data: { handle: string } } => ({
  name: 'rookery.user.signed-up',
  data: { handle: demandFree(claim, taken), name },
});

export const handleTaken = () => conflict('This handle is taken.', { field: 'handle' });
