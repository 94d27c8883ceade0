import { z } from 'zod';
import { readAfterHeader, requestIdHeader } from './request-headers.ts';

/** Names of the client's headers that go to a subgraph, in lower case, by the subgraph's name; `*` is every subgraph. */
export type SubgraphHeaders = ReadonlyMap<string, readonly string[]>;

/** Stands for every subgraph in SUBGRAPH_HEADERS. */
export const everySubgraph = '*';

/** RFC 9110, section 5.6.2. */
const headerName = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
/** Visible characters, spaces and tabs (RFC 9110, section 5.5): nothing that could end the header. */
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;
const subgraphName = /^[^\s=,;*]+$/;

/** Returns whether the text can be sent as the value of a header. */
export const isHeaderValue = (text: string): boolean => headerValue.test(text);

/** Headers about one connection or one message, which whoever sends it sets (RFC 9110, section 7.6.1). */
const ofOneMessage: readonly string[] = [
  ...['connection', 'content-length', 'expect', 'host', 'http2-settings', 'keep-alive', 'proxy-authenticate'],
  ...['proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
];

/** Headers that a client can never hand to a subgraph. */
const withheld: ReadonlySet<string> = new Set([
  ...ofOneMessage,
  // The gateway sets these for its own request.
  ...['accept', 'accept-encoding', 'content-encoding', 'content-type'],
  // Credentials: subgraphs trust the gateway's own token instead.
  ...['authorization', 'cookie', 'set-cookie'],
  // Anybody can claim an address; only the gateway knows its trusted proxies.
  ...['forwarded', 'x-real-ip'],
  // Keys of a subscription's extensions that are part of the protocol between gateway and subgraph.
  ...['checkpoint', 'checkpoints'],
]);
const withheldPrefixes: readonly string[] = ['x-rookery-', 'x-forwarded-', 'sec-websocket-'];

/** Headers that every subgraph gets from the gateway anyway, with a value that the gateway has checked. */
const alwaysSent: ReadonlySet<string> = new Set([readAfterHeader, requestIdHeader, 'traceparent']);

const isWithheld = (name: string): boolean => {
  // CGI and WSGI servers can't tell `x_rookery_gateway` from `x-rookery-gateway`.
  const plain = name.replaceAll('_', '-');
  return (
    withheld.has(plain) ||
    withheldPrefixes.some((prefix) => plain.startsWith(prefix)) ||
    (plain !== name && alwaysSent.has(plain))
  );
};

const parts = (text: string, separator: string): string[] =>
  text.split(separator).flatMap((part) => part.trim() || []);

/** Splits `name=value` at the first equals sign. */
const assignment = (entry: string): readonly [name: string, value: string] | undefined => {
  const at = entry.indexOf('=');
  return at < 1 ? undefined : [entry.slice(0, at).trim(), entry.slice(at + 1).trim()];
};

/** Returns why a header can't be listed in SUBGRAPH_HEADERS, or undefined if it can. */
const refusalOf = (name: string): string | undefined => {
  if (!headerName.test(name)) return `${JSON.stringify(name)} is not the name of a header`;
  if (isWithheld(name)) return `${name} never goes from a client to a subgraph`;
  return undefined;
};

/** SUBGRAPH_HEADERS: `reviews=x-tenant,accept-language; *=x-locale`. */
export const subgraphHeaders = z.string().transform((text, context): SubgraphHeaders => {
  const rules = new Map<string, readonly string[]>();
  for (const entry of parts(text, ';')) {
    const [subgraph = '', list = ''] = assignment(entry) ?? [];
    const names = parts(list.toLowerCase(), ',');
    if ((subgraph !== everySubgraph && !subgraphName.test(subgraph)) || names.length === 0)
      context.addIssue(`${JSON.stringify(entry)} is not subgraph=header,header`);
    if (rules.has(subgraph)) context.addIssue(`${subgraph} is listed twice`);
    for (const refusal of names.flatMap((name) => refusalOf(name) ?? [])) context.addIssue(refusal);
    rules.set(
      subgraph,
      [...new Set(names)].filter((name) => !alwaysSent.has(name)),
    );
  }
  return rules;
});

/** Returns why the text is no address of a GraphQL endpoint, or undefined if it is one. */
const wrongEndpoint = (text: string): string | undefined => {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    return 'is not an address that starts with http:// or https://';
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    return 'has an address with a user name, a password or a fragment';
  return undefined;
};

/** SUBGRAPH_URLS: `reviews=http://reviews:4005/graphql,shop=https://shop.example/graphql`. */
export const subgraphUrls = z.string().transform((text, context): Readonly<Record<string, string>> => {
  const urls = new Map<string, string>();
  for (const entry of parts(text, ',')) {
    const [subgraph = '', url = ''] = assignment(entry) ?? [];
    // The address itself stays out of the message: it may hold a password.
    const wrong = subgraphName.test(subgraph) ? wrongEndpoint(url) : 'is not subgraph=address';
    if (wrong) context.addIssue(`${JSON.stringify(subgraph || entry.slice(0, 20))} ${wrong}`);
    if (urls.has(subgraph)) context.addIssue(`${subgraph} is listed twice`);
    urls.set(subgraph, url);
  }
  return Object.fromEntries(urls);
});

/** Headers of an HTTP request as one text: `name: value; name: value`. No message tells a value, which may be a secret. */
export const requestHeaders = z.string().transform((text, context): Readonly<Record<string, string>> => {
  const headers = new Map<string, string>();
  for (const [index, entry] of parts(text, ';').entries()) {
    const at = entry.indexOf(':');
    const name = entry.slice(0, Math.max(at, 0)).trim().toLowerCase();
    const value = entry.slice(at + 1).trim();
    if (!headerName.test(name) || value === '' || !isHeaderValue(value))
      context.addIssue(`part ${index + 1} is not name: value`);
    if (ofOneMessage.includes(name)) context.addIssue(`${name} cannot be set`);
    if (headers.has(name)) context.addIssue(`${name} is listed twice`);
    headers.set(name, value);
  }
  return Object.fromEntries(headers);
});
