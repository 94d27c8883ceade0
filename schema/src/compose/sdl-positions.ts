import { type ASTNode, type DefinitionNode, type DocumentNode, Kind } from 'graphql';
import type { SdlPosition } from '../model/change.ts';

/** Positions of every definition in the SDL of all subgraphs, by schema coordinate. */
export type SdlPositions = ReadonlyMap<string, readonly SdlPosition[]>;

interface Parsed {
  readonly document: DocumentNode;
  readonly file: string;
}

interface Named extends ASTNodeLike {
  readonly coordinate: string;
}

interface ASTNodeLike {
  readonly node: ASTNode;
}

type Member = Extract<ASTNode, { readonly name: { readonly value: string } }>;

const membersOf = (type: string, members: readonly Member[] | undefined): Named[] =>
  (members ?? []).flatMap((node) => {
    const coordinate = `${type}.${node.name.value}`;
    const args = 'arguments' in node ? (node.arguments ?? []) : [];
    return [
      { coordinate, node },
      ...args.flatMap((argument) =>
        'name' in argument ? [{ coordinate: `${coordinate}(${argument.name.value}:)`, node: argument }] : [],
      ),
    ];
  });

/** Returns a definition with its fields, arguments and values. */
export const namedIn = (definition: DefinitionNode): Named[] => {
  if (definition.kind === Kind.SCHEMA_DEFINITION || definition.kind === Kind.SCHEMA_EXTENSION)
    return [{ coordinate: 'schema', node: definition }];
  if (!('name' in definition) || definition.name === undefined) return [];
  const name = definition.name.value;
  if (definition.kind === Kind.DIRECTIVE_DEFINITION) return [{ coordinate: `@${name}`, node: definition }];
  return [
    { coordinate: name, node: definition },
    ...('fields' in definition ? membersOf(name, definition.fields) : []),
    ...('values' in definition ? membersOf(name, definition.values) : []),
  ];
};

/** Returns the position of a node; undefined if it was made without one. */
export const positionOfNode = (subgraph: string, file: string, node: ASTNode): SdlPosition | undefined => {
  // A description is part of the definition, but the line that people look for is that of the name.
  const named = 'name' in node && typeof node.name === 'object' ? node.name : undefined;
  const start = (named?.loc ?? node.loc)?.startToken;
  return start === undefined ? undefined : { subgraph, file, line: start.line, column: start.column };
};

/** Indexes the definitions of all subgraphs. */
export const indexPositions = (subgraphs: ReadonlyMap<string, Parsed>): SdlPositions => {
  const positions = new Map<string, SdlPosition[]>();
  for (const [subgraph, { document, file }] of subgraphs)
    for (const { coordinate, node } of document.definitions.flatMap(namedIn)) {
      const position = positionOfNode(subgraph, file, node);
      if (position === undefined) continue;
      const known = positions.get(coordinate);
      if (known === undefined) positions.set(coordinate, [position]);
      else known.push(position);
    }
  return positions;
};

/** Returns the coordinate of the element that contains another; undefined for a type. */
export const parentOf = (coordinate: string): string | undefined => {
  const argument = coordinate.indexOf('(');
  if (argument >= 0) return coordinate.slice(0, argument);
  const member = coordinate.indexOf('.');
  return member < 0 ? undefined : coordinate.slice(0, member);
};

/** Returns the positions of an element, or else those of its nearest parent that has any. */
export const nearestPositions = (
  coordinate: string | undefined,
  positions: SdlPositions,
): readonly SdlPosition[] =>
  coordinate === undefined
    ? []
    : (positions.get(coordinate) ?? nearestPositions(parentOf(coordinate), positions));

/** Returns the positions of the first element that a message names in quotes, and that has any. */
export const positionsInMessage = (message: string, positions: SdlPositions): readonly SdlPosition[] => {
  for (const [, coordinate] of message.matchAll(/"(@?[_A-Za-z]\w*(?:\.\w+)?(?:\(\w+:\))?)(?:\(.*?\))?"/g)) {
    const found = nearestPositions(coordinate, positions);
    if (found.length > 0) return found;
  }
  return [];
};
