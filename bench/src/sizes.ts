import { UsageError, wholeNumber } from '@rookery/command-line';

/** Reads sizes that are separated by commas, smallest first, from an option. @throws UsageError */
export const readSizes = (option: string, text: string, least: number, most: number): number[] => {
  const sizes = text.split(',').map((one) => wholeNumber(option, one, least, most));
  if (sizes.some((size, i) => i > 0 && size <= (sizes[i - 1] ?? 0)))
    throw new UsageError(`--${option} must begin with the smallest size`);
  return sizes;
};
