import { type Mutant, mutant } from './define.ts';

const delivery = 'tests/registry/delivery';
const gateways = 'tests/registry/gateways';
const apps = 'tests/registry/app-versions';
const usagePages = 'tests/registry/usage-pages';
const usageConcurrency = 'tests/registry/usage-concurrency';
const webhooks = 'tests/registry/webhooks';
const page = 'tests/registry/page';

/** Mistakes in the schema registry, and in how gateways serve what it delivers. */
export const registryMutants: readonly Mutant[] = [
  mutant(
    'concurrent publications to several replicas are based on the same version',
    { tests: 'tests/registry/publish', named: 'concurrent publications' },
    'schema/registry/src/storage/versions.ts',
    "  await client.query('select pg_advisory_xact_lock($1)', [publicationLock]);",
    '',
  ),
  mutant(
    'the next publication is based on one that does not compose',
    { tests: 'tests/registry/publish', named: 'records what does not compose' },
    'schema/registry/src/storage/versions.ts',
    'where supergraph is not null order by version desc limit 1',
    'order by version desc limit 1',
  ),
  mutant(
    'a version that does not compose is delivered',
    { tests: 'tests/registry/publish', named: 'records what does not compose' },
    'schema/registry/src/storage/launches.ts',
    '  if (!found.composes)',
    '  if (found.composes === undefined)',
  ),
  mutant(
    'the content of a supergraph is not compared with what was signed',
    { tests: delivery, named: 'is refused if any character' },
    'packages/registry-protocol/src/signed-supergraph.ts',
    '  if (sha256(sdl) !== statement.sha256)',
    '  if (statement.sha256.length !== 64)',
  ),
  mutant(
    'a gateway serves a launch that is older than the one it serves',
    { tests: gateways, named: 'refuses a wrong signature' },
    'gateway/src/registry/signed-supergraphs.ts',
    '    checkOrder(statement, this.#served);',
    '    checkOrder(statement, undefined);',
  ),
  mutant(
    'the signature of the last good supergraph is not verified',
    { tests: gateways, named: 'starts and serves with the registry down' },
    'gateway/src/supergraph/source.ts',
    '      return await this.#seal.open(text);\n    } catch (error) {\n      this.#log',
    '      return await unsealed.open(text);\n    } catch (error) {\n      this.#log',
  ),
  mutant(
    'a supergraph that was refused for a missing key is not tried again',
    { tests: gateways, named: 'once the key that signed it is there' },
    'gateway/src/supergraph/source.ts',
    '        text = (await this.#look()) ?? before?.text;',
    '        text = await this.#look();',
  ),
  mutant(
    'a gateway does not fetch when a launch is announced',
    { tests: gateways, named: 'swaps within 2 s' },
    'gateway/src/registry/launch-listener.ts',
    '{ callback: () => this.#hint() }',
    '{ callback: () => {} }',
  ),
  mutant(
    'a report contains the literals of documents',
    { tests: 'tests/registry/usage', named: 'never with a value' },
    'gateway/src/registry/usage-collector.ts',
    "      StringValue: () => ({ kind: Kind.STRING, value: '' }),",
    '',
  ),
  mutant(
    'a report lacks the input fields in variables',
    { tests: 'tests/registry/usage', named: 'never with a value' },
    'gateway/src/registry/input-coordinates.ts',
    '    if (!Object.hasOwn(fields, name)) continue;',
    '    if (Object.hasOwn(fields, name)) continue;',
  ),
  mutant(
    'an app version is changed by another publication',
    { tests: apps, named: 'never changes' },
    'schema/registry/src/storage/app-versions.ts',
    'if (known !== undefined && known.hash !== hash)',
    'if (known === undefined && hash === "")',
  ),
  mutant(
    'one id means two operations',
    { tests: apps, named: 'never changes' },
    'schema/registry/src/storage/app-versions.ts',
    '  await checkIds(client, environment, documents);',
    '',
  ),
  mutant(
    'an app version that is in use is retired without force',
    { tests: apps, named: 'retired by force alone' },
    'schema/registry/src/storage/app-versions.ts',
    'and ($4 or seen_at is null',
    'and ($4 or true or seen_at is null',
  ),
  mutant(
    'gateways go on trusting a retired app version',
    { tests: apps, named: 'a gateway trusts the documents' },
    'schema/registry/src/storage/trusted-documents.ts',
    'where environment = $1 and retired_at is null`;',
    'where environment = $1`;',
  ),
  mutant(
    'a check disregards the documents that app versions ship with',
    { tests: 'tests/registry/checks', named: 'counts without traffic' },
    'schema/registry/src/checks.ts',
    'usage: { source: environment, ...window, operations, trusted },',
    'usage: { source: environment, ...window, operations, trusted: [] },',
  ),
  mutant(
    'a check reads the first page of usage alone',
    { tests: usagePages, named: 'all are read' },
    'schema/registry/src/storage/read-usage.ts',
    'next: isLast ? undefined : keyOf(last),',
    'next: undefined,',
  ),
  mutant(
    'documents that no count is left of stay',
    { tests: usagePages, named: 'with the last count its document' },
    'schema/registry/src/storage/prune.ts',
    '  await pruneDocuments(database);',
    '',
  ),
  mutant(
    'sums by day count what was reported first alone',
    { tests: usagePages, named: 'sums by day and client' },
    'schema/registry/src/storage/usage-summary.ts',
    'count = usage_days.count + excluded.count',
    'count = usage_days.count',
  ),
  mutant(
    'documents are deleted while a report is added',
    { tests: usageConcurrency, named: 'while documents are deleted' },
    'schema/registry/src/storage/prune.ts',
    "      await client.query('select pg_advisory_xact_lock($1)', [documentsLock]);",
    '',
  ),
  mutant(
    'two reports wait for counts of each other',
    { tests: usageConcurrency, named: 'at once never end in a deadlock' },
    'schema/registry/src/storage/usage.ts',
    '.toSorted(([a], [b]) => (a < b ? -1 : 1))',
    '',
  ),
  mutant(
    'two reports wait for documents of each other',
    { tests: usageConcurrency, named: 'at once never end in a deadlock' },
    'schema/registry/src/storage/usage.ts',
    'select distinct on (1) * from unnest($1::text[], $2::text[]) order by 1 on conflict do nothing',
    'select * from unnest($1::text[], $2::text[]) on conflict do nothing',
  ),
  mutant(
    'an event is not sent again',
    { tests: webhooks, named: 'sent again until' },
    'schema/registry/src/webhooks/sender.ts',
    'const isLast = attempts >= maxAttempts;',
    'const isLast = attempts >= 1;',
  ),
  mutant(
    'one slow receiver delays all others',
    { tests: webhooks, named: 'a slow receiver' },
    'schema/registry/src/webhooks/sender.ts',
    'const maxConcurrent = 20;',
    'const maxConcurrent = 1;',
  ),
  mutant(
    'the signature of a webhook lacks the time',
    { tests: 'schema/registry/src/webhooks/signature', named: 'Standard Webhooks' },
    'schema/registry/src/webhooks/signature.ts',
    '[id, timestamp, body]',
    '[id, body]',
  ),
  mutant(
    'a webhook reaches a private address by its name',
    { tests: 'schema/registry/src/webhooks/targets', named: 'leads to a private address' },
    'schema/registry/src/webhooks/targets.ts',
    '      if (refused !== undefined)',
    '      if (refused !== undefined && addresses.length === 1)',
  ),
  mutant(
    'the page shows text of others as HTML',
    { tests: page, named: 'shows what others wrote as text' },
    'schema/registry/src/page/html.ts',
    '  return escapeText(String(value));',
    '  return String(value);',
  ),
  mutant(
    'a session of the page outlives its token',
    { tests: page, named: 'a session ends' },
    'schema/registry/src/storage/sessions.ts',
    'and revoked_at is null and',
    'and',
  ),
  mutant(
    'another site signs somebody in to the page',
    { tests: page, named: 'no other site' },
    'schema/registry/src/page/routes.ts',
    "site !== 'same-origin'",
    "site === 'none'",
  ),
];
