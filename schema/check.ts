import { parseArgs } from 'node:util';
import { type Acceptance, AcceptedChangesError, acceptedChanges, review } from './accepted-changes.ts';
import { defaultBase, sdlsAt, UnknownBase } from './base.ts';
import { changesBetween, type SchemaChange, severities } from './changes.ts';
import { apiSchemaOf, CompositionError, composeSupergraph } from './compose.ts';
import { currentSdls, driftOf, generatedFiles } from './generated.ts';

const help = `Checks the schema: it composes, what is generated from it is committed, and no client breaks.

  npm run schema:check                      against origin/main, or else the commit before
  npm run schema:check -- --base <git ref>  against that commit's schema
  npm run schema:check -- --json            the findings as one JSON object

Exits 1 on a composition error, on drift and on a breaking change that schema/accepted-changes.json does not list.
`;

/** What a check found. */
interface Findings {
  readonly compositionError: string | null;
  /** Generated files that are out of step with the SDL. */
  readonly drift: readonly string[];
  /** The commit compared with; null where there was none. */
  readonly base: string | null;
  /** `new`: the base has no schema. `broken`: the base's schema does not compose, so there is nothing to break. */
  readonly comparison: 'compared' | 'new' | 'broken' | 'skipped';
  readonly changes: readonly SchemaChange[];
  /** Acceptances that this comparison did not need. */
  readonly unusedAcceptances: readonly Acceptance[];
}

const composed = (sdls: Readonly<Record<string, string>>): string | CompositionError => {
  try {
    return composeSupergraph(sdls);
  } catch (error) {
    if (error instanceof CompositionError) return error;
    throw error;
  }
};

const check = async (base: string | undefined): Promise<Findings> => {
  const found = { compositionError: null, drift: [], base: base ?? null, changes: [], unusedAcceptances: [] };
  const acceptances = acceptedChanges();
  const baseSdls = base === undefined ? undefined : sdlsAt(base);
  const head = composed(currentSdls());
  if (head instanceof CompositionError)
    return { ...found, compositionError: head.message, comparison: 'skipped' };

  const drift = driftOf(await generatedFiles()).map(({ path }) => path);
  if (!baseSdls) return { ...found, drift, comparison: 'new' };
  const before = composed(baseSdls);
  if (before instanceof CompositionError) return { ...found, drift, comparison: 'broken' };
  const changes = await changesBetween(apiSchemaOf(before), apiSchemaOf(head));
  const { changes: reviewed, unused } = review(changes, acceptances);
  return { ...found, drift, comparison: 'compared', changes: reviewed, unusedAcceptances: unused };
};

const isUnacceptedBreak = ({ severity, accepted }: SchemaChange): boolean =>
  severity === 'breaking' && accepted === undefined;

const passes = ({ compositionError, drift, changes }: Findings): boolean =>
  compositionError === null && drift.length === 0 && !changes.some(isUnacceptedBreak);

const print = (found: Findings, chosen: string): void => {
  if (found.compositionError !== null) {
    console.log(`the subgraphs do not compose:\n${found.compositionError}`);
    return;
  }
  console.log('the subgraphs compose');
  for (const path of found.drift) console.log(`out of step with the SDL: ${path} (npm run schema:generate)`);
  if (found.drift.length === 0) console.log('what is generated is in step with the SDL');

  const against = found.base === null ? 'no base commit' : `base ${found.base}${chosen}`;
  if (found.comparison === 'new') console.log(`${against}: no schema there, so everything is new`);
  else if (found.comparison === 'broken')
    console.log(`${against}: its schema does not compose; not compared`);
  else if (found.changes.length === 0) console.log(`${against}: no change for clients`);
  else console.log(`${against}: ${found.changes.length} changes`);
  for (const severity of severities) {
    const group = found.changes.filter((c) => c.severity === severity && c.accepted === undefined);
    if (group.length === 0) continue;
    console.log(`\n${severity} (${group.length})`);
    for (const { message, reason } of group) console.log(`  ${message}${reason ? ` ${reason}` : ''}`);
  }
  const accepted = found.changes.filter((c) => c.accepted !== undefined);
  if (accepted.length > 0) console.log(`\nbreaking and accepted (${accepted.length})`);
  for (const { message, accepted: why } of accepted) console.log(`  ${message}: ${why}`);
  if (found.unusedAcceptances.length > 0) {
    console.log(
      `\naccepted, but no change from this base (${found.unusedAcceptances.length}); ` +
        'remove these entries from schema/accepted-changes.json once the main branch has the change',
    );
  }
  for (const { message } of found.unusedAcceptances) console.log(`  ${message}`);
};

const { values } = parseArgs({
  options: {
    base: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(help);
} else {
  try {
    const found = await check(values.base ?? defaultBase());
    if (values.json) console.log(JSON.stringify({ ok: passes(found), ...found }));
    else print(found, values.base === undefined ? ' (chosen by default)' : '');
    process.exitCode = passes(found) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof UnknownBase || error instanceof AcceptedChangesError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
