import { exitCodes, runCommandLine } from '@rookery/command-line';
import type { Finding } from './finding.ts';
import { cloneDir } from './layout.ts';
import { readTree, type Tree } from './tree.ts';

interface Check {
  /** Name of the check, and of its folder in stack/src. */
  readonly name: string;
  /** Description for --help. */
  readonly about: string;
  findings(tree: Tree): readonly Finding[];
}

/** Returns a finder that reads each file by itself, except those that match one of the ignored patterns. */
export const inEachFile =
  (ignored: readonly RegExp[], findingsIn: (path: string, text: string) => readonly Finding[]) =>
  ({ files, read }: Tree): readonly Finding[] =>
    files
      .filter((path) => !ignored.some((pattern) => pattern.test(path)))
      .flatMap((path) => findingsIn(path, read(path)));

/** Runs a check of the files of the repository as a command. Returns the exit code. */
export const runCheck = ({ name, about, findings }: Check): Promise<number> => {
  const command = `node stack/src/${name}/main.ts`;
  return runCommandLine({
    name,
    helpCommand: `${command} --help`,
    usage: `${command} [--json] [path…]

${about}
With paths, it reports only what begins with one of them.
  --json  print the findings as one JSON array on standard output
Exit codes: 0 nothing found, 1 findings, 2 wrong arguments.`,
    options: { json: { type: 'boolean' } },
    positionals: true,
    run: ({ json }, paths) => {
      const tree = readTree(cloneDir);
      const isChosen = ({ path }: Finding) =>
        paths.length === 0 || paths.some((chosen) => path.startsWith(chosen));
      const found = findings(tree).filter(isChosen);
      if (json) console.log(JSON.stringify(found));
      else {
        for (const { path, line, text } of found) console.log(`${path}:${line}: ${text}`);
        console.log(`${name}: ${found.length} findings in ${tree.files.length} files`);
      }
      return found.length === 0 ? exitCodes.ok : exitCodes.problem;
    },
  });
};
