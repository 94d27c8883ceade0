import { type Mutant, mutant } from './define.ts';

const delivery = 'tests/registry/delivery';
const gateways = 'tests/registry/gateways';

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
];
