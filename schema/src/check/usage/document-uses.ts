import {
  type ASTNode,
  type FieldNode,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isInputType,
  isNonNullType,
  isRequiredInputField,
  TypeInfo,
  typeFromAST,
  type VariableDefinitionNode,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { OperationDocument } from '../../model/operation-document.ts';

/** An input type, an input field or an enum value that a variable may hold. */
export interface VariableUse {
  readonly node: VariableDefinitionNode;
  /** True if every valid value of the variable holds it. */
  readonly isCertain: boolean;
}

/** All that an operation uses of a schema, with the places in its document. */
export interface DocumentUses {
  /** Selected fields by coordinate; with a field of an interface, those of the types that implement it. */
  readonly fields: ReadonlyMap<string, readonly FieldNode[]>;
  /** Arguments, input fields, enum values and directives in the document itself, and input types of literals. */
  readonly literals: ReadonlyMap<string, readonly ASTNode[]>;
  /** Types that are returned or named by fragments, with the possible types of abstract ones. */
  readonly outputs: ReadonlyMap<string, readonly ASTNode[]>;
  readonly variables: ReadonlyMap<string, readonly VariableUse[]>;
}

class Index<Item> extends Map<string, Item[]> {
  add(key: string, item: Item): void {
    const known = this.get(key);
    if (known === undefined) this.set(key, [item]);
    else known.push(item);
  }
}

/** Adds everything that a value of an input type may hold. */
const addInputs = (
  index: Index<VariableUse>,
  type: GraphQLInputType,
  node: VariableDefinitionNode,
  isCertain: boolean,
  seen: Set<string>,
): void => {
  const named = getNamedType(type);
  if (seen.has(named.name)) return;
  seen.add(named.name);
  index.add(named.name, { node, isCertain });
  if (isEnumType(named))
    for (const { name } of named.getValues()) index.add(`${named.name}.${name}`, { node, isCertain: false });
  if (!isInputObjectType(named)) return;
  // Required fields first, so that what is certain is not hidden by a shorter path that is not.
  const fields = Object.values(named.getFields()).sort(
    (a, b) => Number(isRequiredInputField(b)) - Number(isRequiredInputField(a)),
  );
  for (const field of fields) {
    const isHeld = isCertain && isRequiredInputField(field);
    index.add(`${named.name}.${field.name}`, { node, isCertain: isHeld });
    addInputs(index, field.type, node, isHeld, seen);
  }
};

const possibleNames = (schema: GraphQLSchema, type: GraphQLOutputType): string[] => {
  const named = getNamedType(type);
  return isAbstractType(named)
    ? [named.name, ...schema.getPossibleTypes(named).map(({ name }) => name)]
    : [named.name];
};

/** Collects what an operation uses of a schema; what the schema lacks is left out. */
export const documentUses = (schema: GraphQLSchema, { document }: OperationDocument): DocumentUses => {
  const fields = new Index<FieldNode>();
  const literals = new Index<ASTNode>();
  const outputs = new Index<ASTNode>();
  const variables = new Index<VariableUse>();
  const types = new TypeInfo(schema);

  const enterField = (node: FieldNode): void => {
    const [parent, field] = [types.getParentType(), types.getFieldDef()];
    if (!parent || !field) return;
    for (const name of possibleNames(schema, parent)) fields.add(`${name}.${node.name.value}`, node);
    for (const { name } of node.arguments ?? [])
      for (const parentName of possibleNames(schema, parent))
        literals.add(
          `${parentName}.${node.name.value}(${name.value}:)`,
          node.arguments?.find((argument) => argument.name === name) ?? node,
        );
    for (const name of possibleNames(schema, field.type)) outputs.add(name, node);
  };

  visit(
    document,
    visitWithTypeInfo(types, {
      Field: enterField,
      OperationDefinition: (node) => {
        const root = types.getType();
        if (root) outputs.add(getNamedType(root).name, node);
      },
      InlineFragment: ({ typeCondition }) => {
        if (typeCondition) outputs.add(typeCondition.name.value, typeCondition);
      },
      FragmentDefinition: ({ typeCondition }) => outputs.add(typeCondition.name.value, typeCondition),
      VariableDefinition: (node) => {
        const type = typeFromAST(schema, node.type);
        if (type && isInputType(type)) addInputs(variables, type, node, isNonNullType(type), new Set());
      },
      ObjectValue: (node) => {
        const type = getNamedType(types.getInputType());
        if (type) literals.add(type.name, node);
      },
      ObjectField: (node) => {
        const parent = getNamedType(types.getParentInputType());
        if (parent) literals.add(`${parent.name}.${node.name.value}`, node);
      },
      EnumValue: (node) => {
        const type = getNamedType(types.getInputType());
        if (type) literals.add(`${type.name}.${node.value}`, node);
      },
      Directive: (node) => {
        literals.add(`@${node.name.value}`, node);
        for (const argument of node.arguments ?? [])
          literals.add(`@${node.name.value}(${argument.name.value}:)`, argument);
      },
    }),
  );
  return { fields, literals, outputs, variables };
};
