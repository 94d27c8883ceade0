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

/** How long a decision holds for the events of a subscription, in milliseconds. */
const holdsFor = 500;

interface Decision {
  readonly granted: boolean;
  readonly at: number;
}

/** The same decisions, each asked for anew after a moment: events may come faster than a policy can be asked. */
export const remembered = (policies: Policies): Policies => {
  const decided = new WeakMap<Session, Map<string, Decision>>();
  return (name, session) => {
    const decisions = decided.get(session) ?? new Map<string, Decision>();
    decided.set(session, decisions);
    const known = decisions.get(name);
    const now = performance.now();
    if (known && now - known.at < holdsFor) return known.granted;
    const granted = policies(name, session);
    decisions.set(name, { granted, at: now });
    return granted;
  };
};
