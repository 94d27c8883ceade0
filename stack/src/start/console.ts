const { isTTY } = process.stdout;
const paint = (code: number) => (text: string) => (isTTY ? `\u001b[${code}m${text}\u001b[0m` : text);

export const bold = paint(1);
const dim = paint(2);
const red = paint(31);

/** Prints a line of progress, with the seconds since the command began. */
export function say(line: string): void {
  console.log(`${dim(`${(performance.now() / 1000).toFixed(1).padStart(6)} s`)}  ${line}`);
}

/** Prints the reasons of a failure, one per line. */
export function complain(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  for (const line of message.split('\n')) console.error(red(`rookery: ${line}`));
}

// A closed pipe (`npm start | head`) is no reason to stop.
process.stdout.on('error', () => {});
