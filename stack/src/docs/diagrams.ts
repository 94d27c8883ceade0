import { type Finding, lineOf } from '../finding.ts';
import type { Tree } from '../tree.ts';

/**
 * The part of Mermaid that the documents use. Each line of a diagram must match one of these patterns, which are stricter
 * than Mermaid: its own parser needs a DOM and a hundred packages, and draws whatever these accept.
 */
const node = String.raw`\w+(?:\[\(?[^\[\](){}"]+\)?\]|\(\[[^\[\](){}"]+\]\)|\{[^\[\](){}"]+\})?`;
const edge = String.raw`(?:-->|-- [^\[\](){}"|]+ -->|-\. [^\[\](){}"|]+ \.->)`;
const grammars: Readonly<Record<string, readonly RegExp[]>> = {
  flowchart: [/^flowchart (?:LR|TD)$/, new RegExp(`^ +${node}(?: ${edge} ${node})*$`)],
  sequenceDiagram: [
    /^sequenceDiagram$/,
    /^ +participant \w+ as [\w ()/]+$/,
    /^ +(?:\w+)--?>>(?:\w+): [^;#]+$/,
    /^ +(?:loop|alt|else|opt) [\w ,]+$|^ +end$/,
  ],
};

/** Returns the lines of diagrams that Mermaid may not be able to draw, and messages to participants that are not declared. */
export function diagramFindings(page: string, tree: Tree): Finding[] {
  const text = tree.read(page);
  const findings: Finding[] = [];
  for (const match of text.matchAll(/^```mermaid\n([\s\S]*?)^```$/gm)) {
    const first = lineOf(text, match.index) + 1;
    const lines = (match[1] ?? '').trimEnd().split('\n');
    const grammar = grammars[/^\w+/.exec(lines[0] ?? '')?.[0] ?? ''] ?? [];
    const participants = new Set((match[1] ?? '').match(/(?<=participant )\w+/g));
    lines.forEach((line, index) => {
      const unknown = /^ +(\w+)--?>>(\w+):/
        .exec(line)
        ?.slice(1)
        .find((name) => !participants.has(name));
      if (!grammar.some((pattern) => pattern.test(line)) || unknown !== undefined)
        findings.push({
          path: page,
          line: first + index,
          text: unknown === undefined ? `no Mermaid: ${line.trim()}` : `no such participant: ${unknown}`,
        });
    });
  }
  return findings;
}
