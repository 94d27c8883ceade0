import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import type { Series } from './metrics-table.ts';

/** The time over which rates are computed, in an expression that does not name it. */
const placeholder = '$window';

/** Returns an expression with the window of its rates, such as `5m`. */
export const withWindow = (expression: string, window: string): string =>
  expression.replaceAll(placeholder, window);

/** Problems of an expression, and the labels of its result. */
export interface Analysis {
  readonly problems: readonly string[];
  readonly labels: ReadonlySet<string>;
}

type Labels = ReadonlySet<string>;
const none: Labels = new Set();
const without = (labels: Labels, removed: readonly string[]): Labels => labels.difference(new Set(removed));

/** Functions whose argument must be a counter. */
const ofCounters: ReadonlySet<string> = new Set(['rate', 'irate', 'increase']);
/** Aggregations that keep the series they choose. */
const choosing: ReadonlySet<string> = new Set(['topk', 'bottomk', 'limitk']);

/**
 * Finds what would make the result of an expression empty or meaningless: a metric or a label that does not exist, a rate of a
 * gauge, or a quantile without buckets.
 */
export const analyze = (expression: string, known: ReadonlyMap<string, Series>): Analysis => {
  const text = withWindow(expression, '5m');
  const reader = new ExpressionReader(text, known);
  const labels = reader.labelsOf(parser.parse(text).topNode);
  return { problems: reader.problems, labels };
};

class ExpressionReader {
  readonly problems: string[] = [];
  readonly #text: string;
  readonly #known: ReadonlyMap<string, Series>;

  constructor(text: string, known: ReadonlyMap<string, Series>) {
    this.#text = text;
    this.#known = known;
  }

  /** Returns the labels of the result of a node. A scalar has none. */
  labelsOf(node: SyntaxNode): Labels {
    if (node.type.isError) {
      this.problems.push(`cannot be parsed at "${this.#textOf(node.parent ?? node)}"`);
      return none;
    }
    if (node.name === 'VectorSelector') return this.#selector(node);
    if (node.name === 'AggregateExpr') return this.#aggregate(node);
    if (node.name === 'FunctionCall') return this.#call(node);
    if (node.name === 'BinaryExpr') return this.#binary(node);
    return this.#union(children(node));
  }

  #textOf({ from, to }: SyntaxNode): string {
    return this.#text.slice(from, to);
  }

  #union(nodes: readonly SyntaxNode[]): Labels {
    return nodes.reduce<Labels>((labels, node) => labels.union(this.labelsOf(node)), none);
  }

  #selector(node: SyntaxNode): Labels {
    const name = this.#textOf(node.getChild('Identifier') ?? node);
    const series = this.#known.get(name);
    if (series === undefined) {
      this.problems.push(`there is no metric ${name}`);
      return none;
    }
    for (const label of this.#names(node, 'UnquotedLabelMatcher', 'LabelName'))
      if (!series.labels.has(label)) this.problems.push(`${name} has no label ${label}`);
    return series.labels;
  }

  #aggregate(node: SyntaxNode): Labels {
    const inner = this.#union(node.getChildren('FunctionCallBody'));
    const modifier = node.getChild('AggregateModifier');
    const operation = this.#textOf(node.getChild('AggregateOp') ?? node);
    if (modifier === null) return choosing.has(operation) ? inner : none;
    const labels = this.#names(modifier, 'GroupingLabels', 'LabelName');
    this.#demandLabels(labels, inner, node);
    return modifier.getChild('By') === null ? without(inner, labels) : new Set(labels);
  }

  #call(node: SyntaxNode): Labels {
    const name = this.#textOf(node.getChild('FunctionIdentifier') ?? node);
    const inner = this.#union(node.getChildren('FunctionCallBody'));
    if (ofCounters.has(name))
      for (const selector of descendants(node, 'VectorSelector')) {
        const metric = this.#textOf(selector.getChild('Identifier') ?? selector);
        if (this.#known.get(metric)?.isCounter === false)
          this.problems.push(`${name} of ${metric}, which is no counter`);
      }
    if (name === 'histogram_quantile') {
      if (!inner.has('le')) this.problems.push(`histogram_quantile without the label le`);
      return without(inner, ['le']);
    }
    return ['absent', 'vector', 'scalar', 'time'].includes(name) ? none : inner;
  }

  #binary(node: SyntaxNode): Labels {
    const [left, right] = children(node).filter(({ name }) => !notOperands.has(name));
    const sides = [left, right].map((side) => (side === undefined ? none : this.labelsOf(side)));
    const [leftLabels = none, rightLabels = none] = sides;
    const modifier = node.getChild('MatchingModifierClause');
    const [matched, extra] = (modifier?.getChildren('GroupingLabels') ?? []).map((group) =>
      group.getChildren('LabelName').map((label) => this.#textOf(label)),
    );
    if (modifier?.getChild('On') && matched) {
      for (const side of sides) this.#demandLabels(matched, side, node);
      return modifier.getChild('GroupLeft') ? leftLabels.union(new Set(extra)) : new Set(matched);
    }
    if (modifier?.getChild('Ignoring')) return without(leftLabels, matched ?? []);
    // A side without labels is a scalar, or one series that stands for all.
    return leftLabels.size > 0 ? leftLabels : rightLabels;
  }

  #demandLabels(labels: readonly string[], there: Labels, node: SyntaxNode): void {
    for (const label of labels)
      if (!there.has(label)) this.problems.push(`no label ${label} in "${this.#textOf(node)}"`);
  }

  /** Returns the texts of all nodes of a kind below the children of another. */
  #names(node: SyntaxNode, below: string, name: string): string[] {
    return descendants(node, below).flatMap((one) =>
      one.getChildren(name).map((label) => this.#textOf(label)),
    );
  }
}

/** Children of a binary expression that are none of its two sides. */
const notOperands: ReadonlySet<string> = new Set([
  'MatchingModifierClause',
  'BoolModifier',
  ...['Add', 'Sub', 'Mul', 'Div', 'Mod', 'Pow', 'And', 'Or', 'Unless'],
  ...['Eql', 'EqlC', 'EqlRegex', 'Neq', 'Lss', 'Lte', 'Gtr', 'Gte'],
]);

const children = (node: SyntaxNode): SyntaxNode[] => {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) found.push(child);
  return found;
};

const descendants = (node: SyntaxNode, name: string): SyntaxNode[] =>
  children(node).flatMap((child) => [...(child.name === name ? [child] : []), ...descendants(child, name)]);
