import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Returns the token that a setting names: the text itself, or the content of the file of `file:///path`.
 * @throws Error if the file cannot be read
 */
export const readRegistryToken = (given: string): string =>
  given.startsWith('file:') ? readFileSync(fileURLToPath(given), 'utf8').trim() : given;
