import { ConfigError, everySubgraph, type Logger, type SubgraphHeaders } from '@rookery/runtime';

/** The settings that name subgraphs. */
export interface NamedSubgraphs {
  readonly subgraphs: Readonly<Record<string, string>>;
  readonly subgraphUrls?: Readonly<Record<string, string>>;
  readonly subgraphHeaders?: SubgraphHeaders;
  readonly resilience: Readonly<Record<string, unknown>>;
}

const isUrl = (text: string): boolean => /^https?:$/.test(URL.parse(text)?.protocol ?? '');

/**
 * Returns the address of a subgraph: that of the configuration, else that of the supergraph.
 * @throws Error if it has none
 */
export const urlOfSubgraph = (
  { subgraphs, subgraphUrls = {} }: Pick<NamedSubgraphs, 'subgraphs' | 'subgraphUrls'>,
  name: string,
  routingUrl: string,
): string => {
  const configured = [subgraphUrls, subgraphs].find((urls) => Object.hasOwn(urls, name));
  const url = configured?.[name] ?? routingUrl;
  if (!isUrl(url))
    throw new Error(`subgraph ${name} has no http(s) address in the supergraph: name one in SUBGRAPH_URLS`);
  return url;
};

/** Returns a line for each setting that names a subgraph which the supergraph does not have. */
const unknownSubgraphs = (
  { subgraphUrls = {}, subgraphHeaders = new Map(), resilience }: NamedSubgraphs,
  known: ReadonlySet<string>,
): string[] =>
  Object.entries({
    SUBGRAPH_URLS: Object.keys(subgraphUrls),
    SUBGRAPH_POLICIES: Object.keys(resilience),
    SUBGRAPH_HEADERS: [...subgraphHeaders.keys()].filter((name) => name !== everySubgraph),
  }).flatMap(([setting, names]) => {
    const unknown = names.filter((name) => !known.has(name));
    if (unknown.length === 0) return [];
    return `${setting} names ${unknown.join(', ')}; the supergraph has ${[...known].sort().join(', ')}`;
  });

/** @throws ConfigError if a setting names a subgraph that the supergraph does not have */
export const checkNamedSubgraphs = (settings: NamedSubgraphs, known: ReadonlySet<string>): void => {
  const unknown = unknownSubgraphs(settings, known);
  if (unknown.length > 0) throw new ConfigError(unknown.join('\n'));
};

/** Logs the same of a supergraph that replaces another: it is served all the same, because it was composed on purpose. */
export const logUnknownSubgraphs = (
  settings: NamedSubgraphs,
  known: ReadonlySet<string>,
  log: Logger,
): void => {
  for (const line of unknownSubgraphs(settings, known)) log.warn(`${line}: the next start will fail`);
};
