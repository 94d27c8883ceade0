/** Reports a line of progress. */
export type Say = (line: string) => void;

/** Reports the progress of a phase ten times. */
export const everyTenth = (say: Say) => {
  let told = '';
  return (phase: string, done: number, of: number): void => {
    const line = `${phase}: ${Math.min(10, Math.floor((10 * done) / of)) * 10} %`;
    if (line !== told) say(line);
    told = line;
  };
};
