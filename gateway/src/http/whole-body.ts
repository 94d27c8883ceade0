/** Returns the parts of a body as one buffer: the only one itself, as copying it would be for nothing. */
export const wholeBody = (parts: readonly Buffer[]): Buffer => {
  const [first] = parts;
  return first && parts.length === 1 ? first : Buffer.concat(parts);
};
