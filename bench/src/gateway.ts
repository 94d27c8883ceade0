import { runCommandLine, UsageError, wholeNumber } from '@rookery/command-line';
import { type Contender, contenders } from './gateway/contenders.ts';
import { type Page, pages } from './gateway/data.ts';

const usage = `npm run bench:gateway -- [--only NAME]… [--page NAME]… [--rounds N] [--requests N] [--rate N] [--rest]
                                [--planning] [--json] [--profile DIR]

Measures Rookery's gateway, with all its checks on, against others, on the same subgraphs and the same pages: turn by turn in
one run, each on a core of its own, with the load and the subgraphs on another. CPU time per request is the figure to trust: the
others depend on what else the machine does. Fails if a gateway gives another answer than the others.
  --only NAME    ${contenders.map(({ name }) => name).join(', ')} (may be repeated); reporting is one process, with and
                 without reports of usage; node-26 is Rookery on Node 26, on Linux; hive-router is written in Rust, and is built with
                 cargo first, once
  --page NAME    ${pages.map(({ name, title }) => `${name} (${title})`).join(', ')}; default: all (may be repeated)
  --rounds N     turns of each, of which the median is told (5)
  --requests N   of one turn (3000): as many for each, so that a busy machine does not leave one of them less warm
  --rate N       also measures the times at N requests per second, whether or not earlier ones are answered, for 10 s
  --rest         also measures unknown operations, memory, and Rookery's change of the supergraph under load
  --planning     measures nothing but the planners: operations that are new to them, on a supergraph of 50 subgraphs
  --profile DIR  writes Rookery's CPU profile there
  --json         one JSON object on standard output`;

const options = {
  only: { type: 'string', multiple: true },
  page: { type: 'string', multiple: true },
  rounds: { type: 'string', default: '5' },
  requests: { type: 'string', default: '3000' },
  rate: { type: 'string', default: '0' },
  rest: { type: 'boolean', default: false },
  planning: { type: 'boolean', default: false },
  profile: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

/** @throws UsageError if there is no such gateway */
const contendersNamed = (names: readonly string[] | undefined): readonly Contender[] => {
  for (const each of names ?? [])
    if (!contenders.some(({ name }) => name === each)) throw new UsageError(`unknown gateway ${each}`);
  return contenders.filter(({ name, onlyNamed }) => names?.includes(name) ?? !onlyNamed);
};

/** @throws UsageError if there is no such page */
const pagesNamed = (names: readonly string[] = pages.map(({ name }) => name)): readonly Page[] =>
  names.map((name) => {
    const page = pages.find((each) => each.name === name);
    if (!page) throw new UsageError(`unknown page ${name}`);
    return page;
  });

try {
  process.exitCode = await runCommandLine({
    name: 'bench:gateway',
    usage,
    options,
    async run({ only, page, rounds, requests, rate, rest, planning, profile, json }) {
      const asked = {
        contenders: contendersNamed(only),
        pages: pagesNamed(page),
        rounds: wholeNumber('rounds', rounds, 1),
        requests: wholeNumber('requests', requests, 1),
        rate: wholeNumber('rate', rate, 0),
        rest,
        profile,
        json,
      };
      // Loads the packages of several servers, which --help and mistakes in the options must not wait for.
      const { comparePlanners, measureGateways } = await import('./gateway/run.ts');
      await (planning ? comparePlanners(asked) : measureGateways(asked));
      return 0;
    },
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
