import { badInput } from '@rookery/graphql-server';
import { newId } from '@rookery/runtime';
import { Log } from './log.ts';
import { Source } from './source.ts';
import { State } from './state.ts';
import { type Resolvers, startSubgraph, type TestSubgraph } from './subgraph.ts';

export interface Person {
  readonly id: string;
  readonly name: string;
}
interface Note {
  readonly id: string;
  readonly text: string;
  readonly author: string;
}

export const people: readonly Person[] = [
  { id: newId(), name: 'Ada' },
  { id: newId(), name: 'Grace' },
];

export const peopleSdl = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Query { me: Person person(id: ID!): Person broken: String secret: String }
  type Subscription { arrived: Person! }
  type Person @key(fields: "id") { id: ID! name: String! nick(short: Boolean = true): String noteLimit: Int }
`;

export const notesSdl = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Query { notes(first: Int): [Note!]! note(id: ID!): Note unfinished: Note slow: String large(bytes: Int!): String stale: String }
  type Mutation { write(input: WriteInput!): Note! fail(code: String!): Note }
  input WriteInput { text: String! }
  type Subscription {
    written(after: String): Note!
    counted(after: String): Int!
    entries(after: String): Entry!
    refused: Note
    silent(of: String): Note
    tally: Int!
  }
  type Entry { cursor: String! note: Note! }
  type Note @key(fields: "id") { id: ID! text: String! author: Person! }
  type Person @key(fields: "id") { id: ID! notes: [Note!]! }
`;

/** Two subgraphs that each know half of everything. */
export interface Network extends AsyncDisposable {
  readonly people: TestSubgraph;
  readonly notes: TestSubgraph;
  readonly all: readonly TestSubgraph[];
  readonly written: Source<Note>;
  readonly counted: Source<number>;
  readonly silent: Source<Note>;
  /** Subscription of the other subgraph. */
  readonly arrived: Source<Person>;
  /** A log with cursors, which are positions in it. */
  readonly log: Log;
  /** Told without a cursor. */
  readonly tally: State;
  readonly kept: Note[];
}

const person = (id: string) => ({ __typename: 'Person', id });

export const startNetwork = async (keysUrl: string): Promise<Network> => {
  const written = new Source<Note>();
  const counted = new Source<number>();
  const silent = new Source<Note>();
  const arrived = new Source<Person>();
  const log = new Log();
  const tally = new State();
  const [ada, grace] = people as [Person, Person];
  const kept: Note[] = [
    { id: newId(), text: 'first', author: ada.id },
    { id: newId(), text: 'second', author: grace.id },
    { id: newId(), text: 'third', author: ada.id },
  ];
  const one = ({ id }: { id: string }) => people.find((each) => each.id === id) ?? null;

  const peopleResolvers: Resolvers = {
    Query: {
      me: (_parent, _args, { viewer }) => (viewer === null ? null : one({ id: viewer })),
      person: (_parent, args) => one(args),
      broken: () => {
        throw new Error('the database at 10.1.2.3 says: password is hunter2');
      },
      secret: () => 'shown',
    },
    Subscription: { arrived: { subscribe: () => arrived.listen(), resolve: (someone) => someone } },
    Person: {
      __resolveReference: one as never,
      nick: ({ name }: Person, { short }: { short: boolean }) => (short ? name[0] : name),
      noteLimit: () => 3,
    },
  };
  const notesResolvers: Resolvers = {
    Query: {
      notes: (_parent, { first }: { first?: number }) => kept.slice(0, first ?? kept.length),
      note: (_parent, { id }: { id: string }) => kept.find((note) => note.id === id) ?? null,
      // Its author is nobody whom the other subgraph knows.
      unfinished: () => ({ id: newId(), text: 'whose?', author: newId() }),
      slow: () => new Promise(() => {}),
      large: (_parent, { bytes }: { bytes: number }) => 'x'.repeat(bytes),
      stale: (_parent, _args, { responseExtensions }) => {
        responseExtensions.markStale();
        return 'old';
      },
    },
    Mutation: {
      write: (_parent, { input }: { input: { text: string } }, { responseExtensions, viewer }) => {
        const note = { id: newId(), text: input.text, author: viewer ?? ada.id };
        kept.push(note);
        responseExtensions.addReadAfter(note.id);
        return note;
      },
      fail: (_parent, { code }: { code: string }) => {
        throw Object.assign(badInput('input.text', 'Too long.'), {
          extensions: { code, field: 'input.text' },
        });
      },
    },
    Subscription: {
      written: {
        subscribe: (_parent, { after }: { after?: string }) =>
          written.listen(after === undefined ? [] : kept.filter(({ id }) => id > after)),
        resolve: (note) => note,
      },
      counted: { subscribe: () => counted.listen(), resolve: (n) => n },
      entries: {
        subscribe: (_parent, { after }: { after?: string }) => log.from(after),
        resolve: (entry) => entry,
      },
      refused: {
        subscribe: () => {
          throw badInput('after', 'Not a cursor.');
        },
      },
      silent: { subscribe: () => silent.listen(), resolve: (note) => note },
      tally: { subscribe: (_parent, _args, context) => tally.listen(context), resolve: ({ value }) => value },
    },
    Note: {
      __resolveReference: (({ id }: { id: string }) => kept.find((note) => note.id === id) ?? null) as never,
      author: ({ author }: Note) => person(author),
    },
    Person: {
      __resolveReference: (({ id }: { id: string }) => ({ id })) as never,
      notes: ({ id }: { id: string }) => kept.filter(({ author }) => author === id),
    },
  };

  await using undo = new AsyncDisposableStack();
  const peopleSubgraph = undo.use(await startSubgraph('people', peopleSdl, peopleResolvers, keysUrl));
  const notesSubgraph = undo.use(await startSubgraph('notes', notesSdl, notesResolvers, keysUrl));
  const resources = undo.move();
  return {
    people: peopleSubgraph,
    notes: notesSubgraph,
    all: [peopleSubgraph, notesSubgraph],
    written,
    counted,
    silent,
    arrived,
    log,
    tally,
    kept,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
};
