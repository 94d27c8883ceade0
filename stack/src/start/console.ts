const { isTTY } = process.stdout;
const paint = (code: number) => (text: string) => (isTTY ? `\u001b[${code}m${text}\u001b[0m` : text);

export const bold = paint(1);
export const dim = paint(2);
const red = paint(31);

/** A line of progress, with the seconds since the command began. */
export function say(line: string): void {
  console.log(`${dim(`${(performance.now() / 1000).toFixed(1).padStart(6)} s`)}  ${line}`);
}

/** The one line that tells why it did not work. */
export function complain(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  console.error(red(`rookery: ${message.split('\n').join('; ')}`));
}

// A reader that went away (`npm start | head`) is no reason to stop.
process.stdout.on('error', () => {});
