import { readdirSync } from 'node:fs';
import { type EventKind, verbOfDataType } from '../../events/define.ts';

const folder = new URL('../../events/kinds/', import.meta.url);

/** An event kind with its place in the sources. */
export interface DefinedKind {
  /** Name of the file in schema/events/kinds. */
  readonly file: string;
  readonly exportName: string;
  readonly kind: EventKind;
}

const isEventKind = (value: unknown): value is EventKind =>
  typeof value === 'object' && value !== null && 'verb' in value && 'upcast' in value;

/** Returns the event kinds that the files of schema/events/kinds define, by file and name: runtimes list exports in different orders. */
export const definedKinds = async (): Promise<DefinedKind[]> => {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .sort();
  const found = await Promise.all(
    files.map(async (file) => {
      const exported: Readonly<Record<string, unknown>> = await import(new URL(file, folder).href);
      return Object.keys(exported)
        .sort()
        .flatMap((exportName): DefinedKind[] => {
          const kind = exported[exportName];
          return isEventKind(kind) ? [{ file, exportName, kind }] : [];
        });
    }),
  );
  return found.flat();
};

/** Returns the module that lists all event kinds, as TypeScript source. */
export const kindsModule = (kinds: readonly DefinedKind[]): string => {
  const imports = [...Map.groupBy(kinds, ({ file }) => file)].map(([file, defined]) => {
    const names = defined.map(({ exportName }) => exportName).join(', ');
    return `import { ${names} } from '../kinds/${file}';`;
  });
  return [
    '// Generated from schema/events/kinds by `npm run schema:generate`. Do not edit.',
    ...imports,
    '',
    '/** All event kinds. */',
    'export const eventKinds = {',
    ...kinds.map(({ exportName }) => `  ${exportName},`),
    '} as const;',
    '',
  ].join('\n');
};

/** Returns the SDL of a subgraph with the verbs of all event kinds in its enum Verb, if it has that enum. */
export const withVerbs = (sdl: string, kinds: readonly DefinedKind[]): string => {
  const own = kinds.map(({ kind }) => kind.verb).filter((verb) => verb !== verbOfDataType);
  const verbs = new Set(own);
  const lines = [
    '# Generated from schema/events/kinds by `npm run schema:generate`. Do not edit.',
    ...[...verbs].map((verb) => `  ${verb}`),
  ];
  return sdl.replace(/^enum Verb \{[^}]*\}/m, `enum Verb {\n  ${lines.join('\n')}\n}`);
};

/** Text of a fixture, and the type of the event in it. */
interface Fixture {
  readonly type: string;
  readonly text: string;
}

/** Returns the first recording of an event kind in its current version: its example. */
export const exampleFixture = ({ kind: { name, version, example } }: DefinedKind): Fixture => {
  const type = `${name}.v${version}`;
  const recorded = {
    specversion: '1.0',
    source: 'rookery/mutation',
    id: '0192f0c3-1348-7a1c-b0c4-6f1e2d3a4b1c',
    type,
    subject: '0192f0c2-1c5f-7b88-a3d9-52e6f1047c03',
    time: '2026-03-14T09:26:24.752Z',
    datacontenttype: 'application/json',
    actor: '0192f0c1-7a10-7c3e-9a51-3b6d2f5e8a01',
    data: example,
  };
  return { type, text: `${JSON.stringify([{ recorded, data: example }], null, 2)}\n` };
};
