/** Formats rows with headings as text. Numbers are aligned to the right, all else to the left. */
export const table = (
  headings: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string => {
  const widths = headings.map((heading, i) =>
    Math.max(heading.length, ...rows.map((row) => String(row[i] ?? '').length)),
  );
  const line = (cells: readonly (string | number)[]) =>
    cells
      .map((cell, i) => {
        const width = widths[i] ?? 0;
        return typeof cell === 'number' ? String(cell).padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [headings, ...rows].map(line).join('\n');
};
