/**
 * Turns a path of graphql-inspector or federation (`Type.field.argument`, `Type.field.@deprecated`) into a schema
 * coordinate (`Type.field(argument:)`, `Type.field`). A coordinate stays as it is.
 */
export const coordinateOf = (path: string): string => {
  if (path === '' || path.startsWith('.@')) return 'schema';
  if (path.includes('(')) return path;
  const [first = '', ...others] = path.split('.');
  const directive = others.findIndex((segment) => segment.startsWith('@'));
  const [member, argument] = directive < 0 ? others : others.slice(0, directive);
  if (first.startsWith('@')) return member === undefined ? first : `${first}(${member}:)`;
  if (member === undefined) return first;
  return argument === undefined ? `${first}.${member}` : `${first}.${member}(${argument}:)`;
};
