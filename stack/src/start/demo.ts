import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { spawnChild } from '../children/guarded-child.ts';
import { cloneDir } from '../layout.ts';

/** A person of the demo network, for visitors. */
export interface DemoUser {
  readonly handle: string;
  readonly token: string;
}

const outcome = z.object({ handle: z.string(), token: z.string() });
/** File of the demo in DATA_DIR (demo/src/credentials.ts). */
const credentials = z.object({ handle: z.string(), password: z.string(), loaded: z.boolean() });

/** Reads the credentials of an earlier run that loaded everything; an interrupted one resumes. */
export function demoCredentials(dir: string): z.output<typeof credentials> | undefined {
  try {
    const found = credentials.parse(JSON.parse(readFileSync(join(dir, 'demo.json'), 'utf8')));
    return found.loaded ? found : undefined;
  } catch {
    return undefined;
  }
}

/** Loads the demo network through the gateway with the command of the demo, whose progress goes to standard error. */
export async function loadDemo(dir: string, gatewayUrl: string): Promise<DemoUser> {
  const child = await spawnChild({
    name: 'demo',
    command: process.execPath,
    args: [join(cloneDir, 'demo/src/main.ts'), '--json'],
    env: { ...process.env, GATEWAY_URL: gatewayUrl, DATA_DIR: dir },
    cwd: cloneDir,
    talks: true,
    deathSignal: 'KILL',
  });
  let last = '';
  if (child.stdout !== null) {
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.trim() !== '') last = line;
    }
  }
  const { code, signal } = await child.exited;
  if (code !== 0) throw new Error(`the demo network was not loaded (${signal ?? `code ${code}`})`);
  return outcome.parse(JSON.parse(last));
}

/** Logs in the demo user of an earlier run. */
export async function logInDemoUser(
  { handle, password }: { handle: string; password: string },
  gatewayUrl: string,
): Promise<DemoUser> {
  const response = await fetch(new URL('/graphql', gatewayUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      query: 'mutation LogIn($input: LogInInput!) { logIn(input: $input) { token } }',
      variables: { input: { handle, password } },
    }),
  });
  const { data, errors } = z
    .object({
      data: z.object({ logIn: z.object({ token: z.string() }) }).nullish(),
      errors: z.array(z.object({ message: z.string() })).optional(),
    })
    .parse(await response.json());
  if (!data) {
    const why = errors?.[0]?.message ?? `the gateway answered ${response.status}`;
    throw new Error(`${handle}, of the demo, can't log in: ${why}`);
  }
  return { handle, token: data.logIn.token };
}
