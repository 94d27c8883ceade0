import { RookeryError } from '@rookery/graphql-server';
import { everySubgraph, isHeaderValue, type SubgraphHeaders } from '@rookery/runtime';

/** Longest value in connection_init, in characters; over HTTP Node limits all headers together. */
const maxValue = 8_192;

const noHeaders: Readonly<Record<string, string>> = {};

/** The headers of one client that subgraphs get by SUBGRAPH_HEADERS. It never changes. */
export class ClientHeaders {
  static readonly none = new ClientHeaders(new Map(), new Map());

  readonly #rules: SubgraphHeaders;
  readonly #values: ReadonlyMap<string, string>;

  constructor(rules: SubgraphHeaders, values: ReadonlyMap<string, string>) {
    this.#rules = rules;
    this.#values = values;
  }

  /** Returns what goes to one subgraph. */
  for(subgraph: string): Readonly<Record<string, string>> {
    if (this.#values.size === 0) return noHeaders;
    const names = [...(this.#rules.get(everySubgraph) ?? []), ...(this.#rules.get(subgraph) ?? [])];
    return Object.fromEntries(
      [...new Set(names)].sort().flatMap((name) => {
        const value = this.#values.get(name);
        return value === undefined ? [] : [[name, value]];
      }),
    );
  }

  /** Equal for two clients whom one subgraph must answer alike. */
  keyFor(subgraph: string): string {
    return this.#values.size === 0 ? '' : JSON.stringify(this.for(subgraph));
  }

  /** Equal for two clients whom all subgraphs must answer alike. */
  get key(): string {
    return this.#values.size === 0 ? '' : JSON.stringify([...this.#values].sort());
  }

  /** Returns these headers and those of the others that are missing here. */
  or(others: ClientHeaders): ClientHeaders {
    return others.#values.size === 0
      ? this
      : new ClientHeaders(this.#rules, new Map([...others.#values, ...this.#values]));
  }
}

/** Takes from a request the headers that SUBGRAPH_HEADERS lists, and nothing else. */
export class HeaderPropagation {
  readonly #rules: SubgraphHeaders;
  readonly #names: ReadonlySet<string>;

  constructor(rules: SubgraphHeaders = new Map()) {
    this.#rules = rules;
    this.#names = new Set([...rules.values()].flat());
  }

  /**
   * Returns the listed headers among those of a request, or among the keys of connection_init in any letter case.
   * @throws RookeryError BAD_REQUEST if one of them cannot be sent on as a header
   */
  from(given: Readonly<Record<string, unknown>> = {}): ClientHeaders {
    if (this.#names.size === 0) return ClientHeaders.none;
    const values = new Map<string, string>();
    for (const [key, value] of Object.entries(given)) {
      const name = key.toLowerCase();
      if (!this.#names.has(name)) continue;
      if (typeof value !== 'string' || value.length > maxValue || !isHeaderValue(value))
        throw new RookeryError('BAD_REQUEST', `${name} is not the value of a header.`, {
          http: { status: 400 },
        });
      values.set(name, value);
    }
    return new ClientHeaders(this.#rules, values);
  }
}
