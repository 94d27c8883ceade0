/** One step of README's tour: what to paste, and what comes back (`…` stands for anything). */
export interface Step {
  /** Line of the README at which it begins. */
  readonly line: number;
  readonly script: string;
  readonly output: string;
}

/** A fenced block of a Markdown file (CommonMark 0.31, section 4.5), as far as our pages use them. */
export interface Block {
  readonly line: number;
  readonly info: string;
  readonly text: string;
}

export const blocksOf = (markdown: string): Block[] => {
  const blocks: Block[] = [];
  let open: { line: number; info: string; lines: string[] } | undefined;
  for (const [i, line] of markdown.split('\n').entries()) {
    if (!line.startsWith('```')) open?.lines.push(line);
    else if (open) {
      blocks.push({ line: open.line, info: open.info, text: open.lines.join('\n') });
      open = undefined;
    } else open = { line: i + 1, info: line.slice(3).trim(), lines: [] };
  }
  return blocks;
};

/** The steps in their order: each block marked `bash tour`, with the `text` block that comes after it, if any. */
export const tourOf = (markdown: string): Step[] => {
  const blocks = blocksOf(markdown);
  return blocks.flatMap(({ line, info, text }, i) => {
    if (info !== 'bash tour') return [];
    const next = blocks[i + 1];
    return [{ line, script: text, output: next?.info === 'text' ? next.text : '' }];
  });
};

/** A pattern that a step's output matches as a whole. */
export const patternOf = (output: string): RegExp =>
  new RegExp(
    `^${output
      .split('…')
      .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
      .join('.+')}$`,
  );
