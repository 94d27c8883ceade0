import { exitCodes, InputError, runCommandLine, UsageError } from '@rookery/command-line';
import { defaultBase } from './base.ts';
import { checkSubgraphs, checkWorkTree, type Findings, passes } from './findings.ts';
import { readNamedSubgraphs } from './foreign.ts';
import { probeSubgraph, readEndpoint } from './probe.ts';
import { reportOf } from './report.ts';

const usage = `Checks the schema: it composes, generated files are committed, no client breaks, and no permission gets lost.

  npm run schema:check                      against origin/main, or else the commit before
  npm run schema:check -- --base REF        against that commit's schema
  npm run schema:check -- --subgraph NAME=FILE [--url ADDRESS]
                                            another team's subgraph, with all others of this repository

  --base REF            commit to compare with; with --subgraph, the commit that has the other subgraphs
  --subgraph NAME=FILE  SDL file of a subgraph, or the address of one that answers _service; may be repeated
  --url ADDRESS         GraphQL endpoint of that subgraph: its health, queries and subscriptions must answer
  --json                the findings as one JSON object on standard output

Exit codes: 0 passed; 1 the subgraphs do not compose, generated files are out of step, an address does not answer, or
schema/accepted-changes.json does not list a breaking or security change; 2 wrong arguments, or a file cannot be used.`;

const options = {
  base: { type: 'string' },
  subgraph: { type: 'string', multiple: true },
  url: { type: 'string' },
  json: { type: 'boolean' },
} as const;

interface Given {
  readonly base?: string | undefined;
  readonly subgraph?: readonly string[] | undefined;
  readonly url?: string | undefined;
}

const check = async ({ base, subgraph, url }: Given): Promise<{ found: Findings; against: string }> => {
  if (subgraph === undefined) {
    if (url !== undefined) throw new UsageError('--url needs --subgraph');
    const found = await checkWorkTree(base ?? defaultBase());
    const chosen = base === undefined ? ' (chosen by default)' : '';
    return { found, against: found.base === null ? 'no base commit' : `base ${found.base}${chosen}` };
  }
  if (url !== undefined && subgraph.length > 1) throw new UsageError('--url takes one --subgraph');
  const endpoint = url === undefined ? undefined : readEndpoint(url);
  const named = await readNamedSubgraphs(subgraph);
  const found = await checkSubgraphs(named, base);
  const [sdl = ''] = Object.values(named.sdls);
  const probes = endpoint === undefined ? [] : await probeSubgraph(endpoint, sdl);
  const names = Object.keys(named.sdls).join(', ');
  return { found: { ...found, probes }, against: `with ${names}, against ${base ?? 'schema/graphql'}` };
};

process.exitCode = await runCommandLine({
  name: 'schema:check',
  usage,
  options,
  async run({ json = false, ...given }) {
    try {
      const { found, against } = await check(given);
      if (json) console.log(JSON.stringify({ ok: passes(found), ...found }));
      else console.log(reportOf(found, against, given.subgraph === undefined));
      return passes(found) ? exitCodes.ok : exitCodes.problem;
    } catch (error) {
      if (json && (error instanceof UsageError || error instanceof InputError))
        console.log(JSON.stringify({ ok: false, error: error.message }));
      throw error;
    }
  },
});
