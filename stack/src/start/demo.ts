import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { spawnChild } from '../children/guarded-child.ts';
import { cloneDir } from '../layout.ts';

/** Someone of the demo network to look around as. */
export interface DemoUser {
  readonly handle: string;
  readonly token: string;
}

const credentials = z.object({ handle: z.string(), password: z.string() });
const loaded = z.object({ handle: z.string(), token: z.string(), password: z.string() });

const credentialsFile = (dir: string) => join(dir, 'demo-user.json');

export const isDemoLoaded = (dir: string): boolean => existsSync(credentialsFile(dir));

/** Loads the demo network through the gateway, by the demo's own command; its progress goes to standard error. */
export async function loadDemo(dir: string, gatewayUrl: string): Promise<DemoUser> {
  const child = await spawnChild({
    name: 'demo',
    command: process.execPath,
    args: [join(cloneDir, 'demo/src/main.ts'), '--json'],
    env: { ...process.env, GATEWAY_URL: gatewayUrl },
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
  if (code !== 0) throw new Error(`loading the demo network failed (${signal ?? `code ${code}`})`);
  const user = loaded.parse(JSON.parse(last));
  const { handle, password } = user;
  writeFileSync(credentialsFile(dir), `${JSON.stringify({ handle, password })}\n`, { mode: 0o600 });
  return user;
}

/** Logs the demo user of an earlier run in. */
export async function logInDemoUser(dir: string, gatewayUrl: string): Promise<DemoUser> {
  const input = credentials.parse(JSON.parse(readFileSync(credentialsFile(dir), 'utf8')));
  const response = await fetch(new URL('/graphql', gatewayUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      query: 'mutation LogIn($input: LogInInput!) { logIn(input: $input) { token } }',
      variables: { input },
    }),
  });
  const { data, errors } = z
    .object({
      data: z.object({ logIn: z.object({ token: z.string() }) }).nullish(),
      errors: z.array(z.object({ message: z.string() })).optional(),
    })
    .parse(await response.json());
  if (!data) throw new Error(errors?.[0]?.message ?? `the gateway answered ${response.status}`);
  return { handle: input.handle, token: data.logIn.token };
}
