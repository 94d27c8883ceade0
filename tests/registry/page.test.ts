import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { paths, startFilledRegistry } from './filled-registry.ts';
import type { TestRegistry } from './start-registry.ts';

let registry: TestRegistry;
let token: string;

beforeAll(async () => {
  registry = await startFilledRegistry();
  token = await registry.token('read');
});
afterAll(() => registry?.[Symbol.asyncDispose]());

const signIn = async (more: Readonly<Record<string, string>> = {}, given = token) =>
  fetch(`${registry.url}/registry/sign-in`, {
    method: 'POST',
    body: new URLSearchParams({ token: given }),
    redirect: 'manual',
    headers: more,
  });
const cookieOf = (response: Response) => (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
const get = (path: string, cookie = '') =>
  fetch(`${registry.url}/registry${path}`, { headers: { cookie }, redirect: 'manual' });

describe('access', () => {
  test('needs a token with the scope read; a session ends when it is signed out, or its token revoked', async () => {
    for (const path of paths) expect((await get(path)).status, path).toBe(401);
    expect((await get('', `rookery_registry=${'A'.repeat(43)}`)).status).toBe(401);
    expect((await signIn({}, 'rkr_nothing')).status).toBe(403);
    expect((await signIn({}, await registry.token('report'))).status).toBe(403);
    const one = await registry.token('read');
    const signedIn = await signIn({}, one);
    expect(signedIn.status).toBe(303);
    const cookie = cookieOf(signedIn);
    expect(signedIn.headers.get('set-cookie')).toMatch(/; HttpOnly; SameSite=Strict$/);
    expect(cookie).not.toContain(one);
    expect((await get('', cookie)).status).toBe(200);
    const other = cookieOf(await signIn({}, one));
    const signOut = await fetch(`${registry.url}/registry/sign-out`, {
      method: 'POST',
      headers: { cookie },
      redirect: 'manual',
    });
    expect(signOut.headers.get('set-cookie')).toContain('Max-Age=0');
    expect((await get('', cookie)).status).toBe(401);
    expect((await get('', other)).status).toBe(200);
    await registry.revoke(one);
    expect((await get('', other)).status).toBe(401);
  });

  test('no other site signs anybody in or out', async () => {
    expect((await signIn({ origin: 'https://evil.example' })).status).toBe(403);
    expect((await signIn({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await signIn({ 'sec-fetch-site': 'same-origin' })).status).toBe(303);
  });
});

describe('a page', () => {
  let cookie: string;
  beforeAll(async () => {
    cookie = cookieOf(await signIn());
  });

  test.each(paths)('%s shows what others wrote as text, under a strict policy', async (path) => {
    const response = await get(path, cookie);
    const text = await response.text();
    expect(response.status, text).toBe(200);
    expect(response.headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(text).not.toMatch(/<img|alert\(\d\)<\/script>|<b>|<i>|\u202e|javascript:/);
    expect(text.match(/<script/g)).toEqual(['<script']);
    expect(text).not.toMatch(/ style=| on\w+="/);
    for (const [, address = ''] of text.matchAll(/ (?:href|src|action)="([^"]*)"/g))
      expect(address).toMatch(/^(\/registry|#content$)/);
  });

  test('shows the markup that others wrote', async () => {
    expect(await (await get('/versions/1', cookie)).text()).toContain('&#60;img src=x onerror=alert(1)&#62;');
    expect(await (await get('/operations', cookie)).text()).toContain('&#60;i&#62;7&#60;/i&#62;');
    expect(await (await get('/operations', cookie)).text()).toContain('1,200 are open.');
    // The subscription is open to a field that the check found gone.
    expect(await (await get('/checks/1', cookie)).text()).toMatch(
      /Open subscriptions[\s\S]*&#60;b&#62;1&#60;\/b&#62;[\s\S]*1,200/,
    );
    for (const path of ['/checks', '/checks/1', '/approvals'])
      expect(await (await get(path, cookie)).text(), path).toContain('&#60;b&#62;acme&#60;/b&#62;#12');
    expect(await (await get('/approvals', cookie)).text()).toContain('every branch');
  });

  test('of webhooks shows each delivery with its answer, and of an address its origin alone', async () => {
    const text = await (await get('/webhooks', cookie)).text();
    expect(text).toContain('https://hooks.example');
    expect(text).not.toContain('secret-of-the-receiver');
    const states = [...text.matchAll(/<span class="badge \w+">([^<]*)<\/span>/g)].map(([, word]) => word);
    expect(states).toEqual([
      ...['active', 'no answer', 'active'],
      ...['waits', 'is sent again', 'given up', 'delivered'],
    ]);
    expect(text).toContain('the receiver answers 500');
  });

  test('that does not exist is an error in words', async () => {
    const missing = await get('/versions/99', cookie);
    expect(missing.status).toBe(404);
    expect(await missing.text()).toContain('There is no version 99.');
    expect((await get('/versions/x', cookie)).status).toBe(400);
    expect((await get('/usage?environment=<b>', cookie)).status).toBe(400);
  });

  test('is not held up by assets: they are revalidated', async () => {
    const first = await get('/assets/style.css');
    const etag = first.headers.get('etag') ?? '';
    const again = await fetch(first.url, { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
    expect((await get('/assets/..%2froutes.ts')).status).toBe(404);
  });
});
