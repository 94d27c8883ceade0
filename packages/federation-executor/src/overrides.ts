import { createHash } from 'node:crypto';
import { type DocumentNode, Kind, visit } from 'graphql';
import { argumentsOf, linkedName } from './linked-directives.ts';

/** Decisions of progressive @override labels for one operation. */
export interface Overrides {
  /** Equal for equal decisions. */
  readonly key: string;
  /** By label, whether the field moves to the subgraph that overrides it. */
  readonly conditions: ReadonlyMap<string, boolean>;
}

/** Nothing is overridden progressively. */
export const noOverrides: Overrides = { key: '', conditions: new Map() };

/** The parts of a request that decide an override. */
export interface Asker {
  /** The signed-in user's id; null for an anonymous request. */
  readonly viewer: string | null;
  /** Address of the client, behind trusted proxies; undefined for a live event. */
  readonly address: string | undefined;
}

const percentOf = (label: string): number | undefined => {
  const text = /^percent\((\d+(?:\.\d+)?)\)$/.exec(label)?.[1];
  return text === undefined ? undefined : Number(text);
};

/** Returns the labels that a supergraph has at its fields. */
export const overrideLabels = (supergraph: DocumentNode): string[] => {
  const field = linkedName(supergraph, 'https://specs.apollo.dev/join/', 'field');
  const labels = new Set<string>();
  visit(supergraph, {
    FieldDefinition: ({ directives = [] }) => {
      for (const directive of directives) {
        if (directive.kind !== Kind.DIRECTIVE || directive.name.value !== field) continue;
        const { overrideLabel } = argumentsOf(directive);
        if (typeof overrideLabel === 'string') labels.add(overrideLabel);
      }
    },
  });
  return [...labels].sort();
};

/**
 * Decides progressive overrides. `percent(N)` holds for N percent of the users, and of the addresses of anonymous clients:
 * always the same ones, on every gateway, and of several labels those with the higher percentage hold for all of the
 * lower ones. So N labels lead to N + 1 plans of an operation at most, and nobody flips between two subgraphs.
 */
export class OverrideDecisions {
  /** All that there can be, from those who get the most overrides to those who get the fewest. */
  readonly all: readonly Overrides[];
  readonly #percentages: readonly number[];

  /**
   * @param labels those of the supergraph
   * @param on custom labels that hold; others do not
   */
  constructor(labels: readonly string[], on: ReadonlySet<string>) {
    const percentages = labels.flatMap((label) => percentOf(label) ?? []);
    this.#percentages = [...new Set(percentages)]
      .filter((each) => each > 0 && each < 100)
      .sort((a, b) => a - b);
    this.all = [0, ...this.#percentages].map((place, at) => ({
      key: labels.length === 0 ? '' : `override ${at}`,
      conditions: new Map(
        labels.map((label) => [label, (percentOf(label) ?? (on.has(label) ? 100 : 0)) > place]),
      ),
    }));
  }

  of({ viewer, address }: Asker): Overrides {
    if (this.all.length === 1) return this.all[0] ?? noOverrides;
    const hash = createHash('sha256')
      .update(viewer ?? address ?? '')
      .digest();
    const place = (hash.readUInt32BE(0) / 2 ** 32) * 100;
    return this.all[this.#percentages.filter((each) => each <= place).length] ?? noOverrides;
  }
}
