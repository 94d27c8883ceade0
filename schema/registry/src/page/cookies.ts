import { sessionSeconds } from '../storage/sessions.ts';

const name = 'rookery_registry';

/** Returns the secret of the session in a Cookie header. */
export const sessionIn = (header: string | undefined): string | undefined =>
  header
    ?.split(';')
    .map((part) => part.trim().split('='))
    .find(([found]) => found === name)?.[1];

/** A browser keeps a secure cookie of this machine, too, but not every one does so without TLS. */
const isThisMachine = (host: string | undefined): boolean =>
  /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(host ?? '');

/** Returns the cookie of a session, which scripts cannot read and other sites cannot send. Empty: it is deleted. */
export const sessionCookie = (secret: string, host: string | undefined): string =>
  [
    `${name}=${secret}`,
    'Path=/registry',
    `Max-Age=${secret === '' ? 0 : sessionSeconds}`,
    'HttpOnly',
    'SameSite=Strict',
    ...(isThisMachine(host) ? [] : ['Secure']),
  ].join('; ');
