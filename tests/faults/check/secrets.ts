import { readFileSync } from 'node:fs';
import { processNames } from '@rookery/stack';
import type { Arena } from '../arena.ts';
import type { SharedWorld } from '../workload/world.ts';

/** Content that a response must never reveal: addresses, lines of stacks, and names of internal errors. */
const telling: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['an address', /\b(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?/],
  ['a URL of a server', /\b(?:postgres(?:ql)?|nats|redis|mongodb|tls):\/\//],
  ['a line of a stack', /\s+at .+:\d+:\d+/],
  ['an error of the system', /\bE(?:CONNREFUSED|CONNRESET|PIPE|TIMEDOUT|NOTFOUND)\b/],
];

/** Returns what the errors of a response reveal. */
export const tellings = (text: string): string[] =>
  telling.flatMap(([what, pattern]) => {
    const [found] = pattern.exec(text) ?? [];
    return found === undefined ? [] : [`${what}: ${found.trim()}`];
  });

/** Returns the secrets of this run that no log may contain: keys, tokens and passwords, with their kinds. */
const secretsOf = ({ system, urls, seconds }: Arena, world: SharedWorld): Map<string, string> => {
  const secrets = new Map<string, string>();
  for (const file of [system.tokenKeyFile, system.internalKeyFile]) {
    const keyLines = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.length >= 32 && !line.startsWith('-'));
    for (const line of keyLines) secrets.set(line, `the key in ${file}`);
  }
  for (const [name, secret] of Object.entries(system.secrets)) secrets.set(secret, `the ${name} secret`);
  for (const url of [...Object.values(urls), ...Object.values(seconds).map(({ server }) => server.url)]) {
    const { password } = new URL(url);
    if (password !== '') secrets.set(password, 'the password of a server');
  }
  for (const { handle, token } of world.signedUp) {
    secrets.set(token, `the token of ${handle}`);
    secrets.set(`${handle} password`, `the password of ${handle}`);
  }
  return secrets;
};

/** Secrets that the processes have written into their logs. */
export const loggedSecrets = (arena: Arena, world: SharedWorld): string[] => {
  const secrets = secretsOf(arena, world);
  return processNames.flatMap((name) => {
    const log = arena.system.log(name);
    const found = [...secrets].filter(([secret]) => log.includes(secret)).map(([, what]) => what);
    return [...new Set(found)].map((what) => `the log of ${name} has ${what}`);
  });
};
