import cliProgress from 'cli-progress';

/** Display of the progress of a run. */
export interface Progress {
  readonly phase: (title: string) => void;
  readonly done: (n: number) => void;
  readonly stop: () => void;
}

/** Shows a bar on standard error if it is a terminal, and otherwise one line per phase. */
export const showProgress = (total: number, out: NodeJS.WriteStream = process.stderr): Progress => {
  if (!out.isTTY) {
    let shown = '';
    let count = 0;
    return {
      phase: (title) => {
        if (title !== shown) out.write(`demo: ${title} (${count} of ${total} done)\n`);
        shown = title;
      },
      done: (n) => {
        count += n;
      },
      stop: () => {},
    };
  }
  const bar = new cliProgress.SingleBar({
    stream: out,
    format: 'demo [{bar}] {percentage}% {value}/{total} {phase}',
    barCompleteChar: '=',
    barIncompleteChar: ' ',
    hideCursor: false,
    gracefulExit: false,
  });
  bar.start(total, 0, { phase: '' });
  return {
    phase: (title) => bar.update({ phase: title }),
    done: (n) => bar.increment(n),
    stop: () => bar.stop(),
  };
};
