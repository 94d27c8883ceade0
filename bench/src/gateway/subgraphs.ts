import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { plainDataHeader } from '@rookery/runtime';
import { type DocumentNode, Kind, parse, type SelectionSetNode, type ValueNode } from 'graphql';
import { firstVersionSdls, roots, sdls } from './data.ts';

type Variables = Readonly<Record<string, unknown>>;
type Value = (variables: Variables) => unknown;
type Object = Readonly<Record<string, unknown>>;
/** Selects the fields of a selection set from an object. */
type Shape = (source: Object, variables: Variables, target: Record<string, unknown>) => void;

/**
 * Subgraphs that answer from memory and compile each operation once, so that the gateway does the measured
 * work. They execute any operation, whichever planner created it.
 */
const readValue = (node: ValueNode): Value => {
  switch (node.kind) {
    case Kind.VARIABLE:
      return (variables) => variables[node.name.value];
    case Kind.INT:
    case Kind.FLOAT:
      return () => Number(node.value);
    case Kind.STRING:
    case Kind.BOOLEAN:
    case Kind.ENUM:
      return () => node.value;
    case Kind.NULL:
      return () => null;
    case Kind.LIST: {
      const items = node.values.map(readValue);
      return (variables) => items.map((item) => item(variables));
    }
    case Kind.OBJECT: {
      const fields = node.fields.map(({ name, value }) => [name.value, readValue(value)] as const);
      return (variables) => Object.fromEntries(fields.map(([name, value]) => [name, value(variables)]));
    }
  }
};

const shapeOf = (document: DocumentNode, { selections }: SelectionSetNode, isRoot = false): Shape => {
  const steps = selections.map((selection): Shape => {
    if (selection.kind === Kind.FIELD) {
      const name = selection.name.value;
      const key = selection.alias?.value ?? name;
      const inner = selection.selectionSet && shapeOf(document, selection.selectionSet);
      const args = (selection.arguments ?? []).map(
        ({ name, value }) => [name.value, readValue(value)] as const,
      );
      const read = isRoot ? roots[name] : undefined;
      return (source, variables, target) => {
        const found = read
          ? read(Object.fromEntries(args.map(([arg, value]) => [arg, value(variables)])))
          : source[name];
        target[key] = inner ? select(found, inner, variables) : (found ?? null);
      };
    }
    const condition =
      selection.kind === Kind.INLINE_FRAGMENT ? selection.typeCondition?.name.value : undefined;
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : fragmentOf(document, selection.name.value);
    const inner = shapeOf(document, fragment.selectionSet, isRoot);
    return (source, variables, target) => {
      if (condition === undefined || isRoot || source.__typename === condition)
        inner(source, variables, target);
    };
  });
  return (source, variables, target) => {
    for (const step of steps) step(source, variables, target);
  };
};

const fragmentOf = (document: DocumentNode, name: string) => {
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION && node.name.value === name) return node;
  throw new Error(`no fragment ${name}`);
};

const select = (value: unknown, shape: Shape, variables: Variables): unknown => {
  if (Array.isArray(value)) return value.map((each) => select(each, shape, variables));
  if (value === null || value === undefined) return null;
  const target: Record<string, unknown> = {};
  shape(value as Object, variables, target);
  return target;
};

const compile = (query: string): ((variables: Variables) => unknown) => {
  const document = parse(query, { noLocation: true });
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  if (!operation) throw new Error('no operation');
  const shape = shapeOf(document, operation.selectionSet, true);
  return (variables) => select({}, shape, variables);
};

/**
 * Serves every subgraph on its own port.
 * @returns their addresses, by name
 */
export const startSubgraphs = async (resources: AsyncDisposableStack): Promise<Record<string, string>> => {
  const compiled = new Map<string, (variables: Variables) => unknown>();
  const urls: Record<string, string> = {};
  for (const name of Object.keys(sdls)) {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        if (request.method !== 'POST') return response.end('{}');
        const { query, variables = {} } = JSON.parse(Buffer.concat(chunks).toString());
        let run = compiled.get(query);
        if (!run) {
          // Mercurius requests the schema of a subgraph that it was not given.
          const sdl = firstVersionSdls[name];
          run = query.includes('_service') ? () => ({ _service: { sdl } }) : compile(query);
          compiled.set(query, run);
        }
        const body = JSON.stringify({ data: run(variables ?? {}) });
        response
          .writeHead(200, {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
            // As each subgraph of Rookery says it of an answer that is data alone.
            [plainDataHeader]: 'true',
          })
          .end(body);
      });
    });
    server.keepAliveTimeout = 60_000;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    resources.defer(async () => {
      server.closeAllConnections();
      server.close();
    });
    urls[name] = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  }
  return urls;
};
