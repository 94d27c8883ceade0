import {
  type ASTNode,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isRequiredArgument,
  isRequiredInputField,
  OperationTypeNode,
} from 'graphql';
import { parentOf } from '../../compose/sdl-positions.ts';
import type { Change } from '../../model/change.ts';
import type { DocumentUses, VariableUse } from './document-uses.ts';

/** The places at which an operation uses what a change touches. */
export interface Touch {
  readonly nodes: readonly ASTNode[];
  /** True if a client cannot send what the new schema requires, although the document itself validates. */
  readonly breaks: boolean;
}

interface Touched {
  readonly uses: DocumentUses;
  readonly before: GraphQLSchema;
  readonly after: GraphQLSchema;
  /** Coordinates of what variables held; undefined if that was not recorded. */
  readonly inputs: ReadonlySet<string> | undefined;
}

const nothing: Touch = { nodes: [], breaks: false };

const at = (...lists: readonly (readonly ASTNode[] | undefined)[]): Touch => ({
  nodes: lists.flatMap((list) => list ?? []),
  breaks: false,
});

const nodesOf = (uses: readonly VariableUse[] | undefined): ASTNode[] => (uses ?? []).map(({ node }) => node);

/** Returns the variables that may have held an input field or an enum value. */
const held = ({ uses, inputs }: Touched, coordinate: string): ASTNode[] =>
  inputs !== undefined && !inputs.has(coordinate) ? [] : nodesOf(uses.variables.get(coordinate));

/** Returns the selections of a field that leave out one of its arguments. */
const without = ({ uses }: Touched, field: string, argument: string): ASTNode[] =>
  (uses.fields.get(field) ?? []).filter(
    (node) => !(node.arguments ?? []).some(({ name }) => name.value === argument),
  );

const argumentName = (coordinate: string): string => /\((\w+):\)$/.exec(coordinate)?.[1] ?? '';

const argumentIn = (schema: GraphQLSchema, coordinate: string) => {
  const [type = '', field = ''] = (parentOf(coordinate) ?? '').split('.');
  const parent = schema.getType(type);
  if (!parent || !('getFields' in parent)) return undefined;
  const found = parent.getFields()[field];
  if (!found || !('args' in found)) return undefined;
  return found.args.find(({ name }) => name === argumentName(coordinate));
};

const inputFieldIn = (schema: GraphQLSchema, coordinate: string) => {
  const [type = '', field = ''] = coordinate.split('.');
  const parent = schema.getType(type);
  return isInputObjectType(parent) ? parent.getFields()[field] : undefined;
};

/** Returns the places that supply an input type, and whether a client certainly lacks a field that is required. */
const suppliers = (touched: Touched, coordinate: string): Touch => {
  const type = parentOf(coordinate) ?? '';
  const variables = touched.uses.variables.get(type) ?? [];
  const field = inputFieldIn(touched.after, coordinate);
  const isRequired = field !== undefined && isRequiredInputField(field);
  const isHeld = touched.inputs?.has(coordinate) ?? false;
  return {
    nodes: [...(touched.uses.literals.get(type) ?? []), ...nodesOf(variables)],
    breaks: isRequired && !isHeld && variables.some(({ isCertain }) => isCertain),
  };
};

type Toucher = (touched: Touched, coordinate: string) => Touch;

const ofInputField: Toucher = (touched, coordinate) =>
  at(touched.uses.literals.get(coordinate), held(touched, coordinate));

const ofType: Toucher = ({ uses }, coordinate) =>
  at(uses.outputs.get(coordinate), uses.literals.get(coordinate), nodesOf(uses.variables.get(coordinate)));

const ofRoot = ({ uses, before }: Touched, kind: OperationTypeNode): Touch =>
  at(uses.outputs.get(before.getRootType(kind)?.name ?? ''));

/** Rules by the kind of the change; every other kind touches what has its coordinate. */
const touchers: Readonly<Record<string, Toucher>> = {
  // An argument that is required breaks every use of its field.
  FIELD_ARGUMENT_ADDED: ({ uses }, coordinate) => at(uses.fields.get(parentOf(coordinate) ?? '')),
  FIELD_ARGUMENT_DEFAULT_CHANGED: (touched, coordinate) =>
    at(without(touched, parentOf(coordinate) ?? '', argumentName(coordinate))),
  FIELD_ARGUMENT_TYPE_CHANGED: (touched, coordinate) => {
    const argument = argumentIn(touched.after, coordinate);
    const isRequired = argument !== undefined && isRequiredArgument(argument);
    return at(
      touched.uses.literals.get(coordinate),
      isRequired ? without(touched, parentOf(coordinate) ?? '', argumentName(coordinate)) : [],
    );
  },
  INPUT_FIELD_ADDED: suppliers,
  INPUT_FIELD_DEFAULT_VALUE_CHANGED: (touched, coordinate) => ({
    ...suppliers(touched, coordinate),
    breaks: false,
  }),
  INPUT_FIELD_TYPE_CHANGED: (touched, coordinate) => {
    const field = inputFieldIn(touched.after, coordinate);
    const isRequired = field !== undefined && isRequiredInputField(field);
    const given = ofInputField(touched, coordinate);
    return isRequired ? at(given.nodes, { ...suppliers(touched, coordinate), breaks: false }.nodes) : given;
  },
  SCHEMA_QUERY_TYPE_CHANGED: (touched) => ofRoot(touched, OperationTypeNode.QUERY),
  SCHEMA_MUTATION_TYPE_CHANGED: (touched) => ofRoot(touched, OperationTypeNode.MUTATION),
  SCHEMA_SUBSCRIPTION_TYPE_CHANGED: (touched) => ofRoot(touched, OperationTypeNode.SUBSCRIPTION),
  ENUM_VALUE_ADDED: ({ uses }, coordinate) => at(uses.outputs.get(parentOf(coordinate) ?? '')),
};

const byCoordinate: Toucher = (touched, coordinate) => {
  const { uses } = touched;
  if (coordinate.startsWith('@') || coordinate.includes('(')) return at(uses.literals.get(coordinate));
  if (!coordinate.includes('.')) return ofType(touched, coordinate);
  const fields = uses.fields.get(coordinate);
  if (fields !== undefined) return at(fields);
  const given = ofInputField(touched, coordinate);
  const type = parentOf(coordinate) ?? '';
  // An operation may receive every value of an enum that it selects.
  return isEnumType(touched.before.getType(type)) ? at(given.nodes, uses.outputs.get(type)) : given;
};

/** Returns the places at which an operation uses the element of a change. */
export const touch = ({ kind, coordinate, routing }: Change, touched: Touched): Touch => {
  if (routing) return nothing;
  return (touchers[kind] ?? byCoordinate)(touched, coordinate);
};
