/** Usual remedy by the code of Apollo Federation. A code without an entry explains itself in its message. */
const hints: Readonly<Record<string, string>> = {
  EXTERNAL_TYPE_MISMATCH: 'Give the @external field the same type as in the subgraph that resolves it.',
  EXTERNAL_MISSING_ON_BASE:
    'Define the field without @external in one subgraph, or delete the external declaration.',
  EXTERNAL_UNUSED: 'Delete the @external field, or use it in @key, @requires or @provides.',
  FIELD_TYPE_MISMATCH: 'Give the field one type in all subgraphs; only nullability may differ.',
  FIELD_ARGUMENT_TYPE_MISMATCH: 'Give the argument one type in all subgraphs.',
  INPUT_FIELD_DEFAULT_MISMATCH: 'Give the input field one default value in all subgraphs.',
  FIELD_ARGUMENT_DEFAULT_MISMATCH: 'Give the argument one default value in all subgraphs.',
  INVALID_FIELD_SHARING:
    'Add @shareable to the field in every subgraph that resolves it, or resolve it in one alone.',
  REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH:
    'Make the argument optional, or add it in every subgraph that resolves the field.',
  REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH:
    'Make the input field optional, or add it in every subgraph that defines the input type.',
  SATISFIABILITY_ERROR:
    'Add a @key that both subgraphs resolve to the type, or move the field to the subgraph that is asked.',
  REQUIRES_CYCLE: 'Let one of the fields do without @requires, or compute both in one subgraph.',
  KEY_INVALID_FIELDS: 'Name existing fields of the type in @key(fields:), separated by spaces.',
  KEY_FIELDS_SELECT_INVALID_TYPE:
    'A key cannot contain lists of unions or interfaces, or fields with arguments.',
  PROVIDES_INVALID_FIELDS: 'Name existing fields of the returned type in @provides(fields:).',
  REQUIRES_INVALID_FIELDS: 'Name existing fields of the type in @requires(fields:).',
  REQUIRES_FIELDS_MISSING_EXTERNAL: 'Mark the required fields @external in this subgraph.',
  PROVIDES_FIELDS_MISSING_EXTERNAL: 'Mark the provided fields @external in this subgraph.',
  OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE:
    'Remove @override, or the @external, @provides or @requires beside it.',
  OVERRIDE_SOURCE_HAS_OVERRIDE: 'Remove one of the two @override of this field.',
  OVERRIDE_FROM_SELF_ERROR: 'Name another subgraph in @override(from:).',
  ENUM_VALUE_MISMATCH: 'The enum is used for input and for output: give it the same values in all subgraphs.',
  EMPTY_MERGED_ENUM_TYPE: 'Let the subgraphs share at least one value of the enum.',
  EMPTY_MERGED_INPUT_TYPE: 'Let the subgraphs share at least one field of the input type.',
  INTERFACE_FIELD_NO_IMPLEM: 'Add the field to every type that implements the interface.',
  TYPE_KIND_MISMATCH: 'Define the type with one kind in all subgraphs, or rename one of them.',
  NO_QUERIES: 'Add a field to type Query in at least one subgraph.',
  INVALID_GRAPHQL: 'Correct the SDL: it is not a valid schema by itself.',
  UNKNOWN_FEDERATION_LINK_VERSION: 'Link a version of federation that the gateway knows, such as v2.9.',
  INVALID_LINK_DIRECTIVE_USAGE: 'Correct the url or the imports of @link.',
  DIRECTIVE_COMPOSITION_ERROR:
    'Link the same version of the specification in every subgraph that composes it.',
  REFERENCED_INACCESSIBLE: 'Hide what refers to the element too, or show the element.',
  ONLY_INACCESSIBLE_CHILDREN: 'Hide the type itself, or show one of its members.',
  REQUIRED_INACCESSIBLE: 'Give the hidden argument or input field a default value, or make it optional.',
  IMPLEMENTED_BY_INACCESSIBLE: 'Show the field on the implementing type, or hide it on the interface too.',
  SDL_SYNTAX_ERROR: 'Correct the syntax at the place that is named.',
};

export const hintFor = (code: string): string | undefined =>
  Object.hasOwn(hints, code) ? hints[code] : undefined;
