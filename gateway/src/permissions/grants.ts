import type { Session } from '../authenticate.ts';
import type { Requirement } from './rules.ts';

/** Decides a policy (@policy) by its name for somebody who is signed in. */
export type Policies = (name: string, session: Session) => boolean;

/** What the issuer says of the user: roles, groups and entitlements of the token (RFC 9068, section 2.2.3.1). */
export const policiesOfToken: Policies = (name, { entitlements }) => entitlements.has(name);

/** Whether who asks has what is required; nobody is signed in without a session. */
export const isGranted = (
  requirement: Requirement,
  session: Session | undefined,
  policies: Policies,
): boolean => {
  if (session === undefined) return false;
  switch (requirement.kind) {
    case 'authenticated':
      return true;
    case 'scopes':
      return requirement.anyOf.some((all) => all.every((scope) => session.scopes.has(scope)));
    case 'policy':
      return requirement.anyOf.some((all) => all.every((name) => policies(name, session)));
  }
};
