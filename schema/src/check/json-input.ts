import { InputError } from '@rookery/command-line';
import { z } from 'zod';

/** Parses the text of a JSON file. @throws InputError that names the file if the text does not have this form */
export const parseJson = <Schema extends z.ZodType>(
  text: string,
  file: string,
  schema: Schema,
): z.output<Schema> => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new InputError(`${file}: ${(error as Error).message}`);
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw new InputError(`${file}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
};
