import { expect, test } from 'vitest';
import { DocumentsUnavailableError } from './errors.ts';
import { joinGets } from './postgres-gets.ts';

/** Tables of documents whose ids are their numbers up to a size, and the ids of each statement. */
const tables = (size: number, errorOf: (text: string) => Error | undefined = () => undefined) => {
  const statements: (readonly (readonly string[])[])[] = [];
  const get = joinGets(async (text, values) => {
    statements.push(values as readonly (readonly string[])[]);
    const error = errorOf(text);
    if (error) throw error;
    const names = [...text.matchAll(/from (\w+)/g)].map(([, name]) => name);
    return (values as readonly (readonly string[])[]).flatMap((ids, source) =>
      ids
        .filter((id) => Number(id) < size)
        .map((id) => ({ source, id, revision: 1, doc: `${names[source]} ${id}` })),
    );
  });
  const docsOf = async (table: string, ids: readonly string[]) =>
    (await get(table, ids)).map(({ doc }) => doc);
  return { docsOf, statements };
};

test('reads of one turn are one statement, and each gets what it asked for', async () => {
  const { docsOf, statements } = tables(5);
  // As loaders send their batches.
  const later = new Promise((resolve) => process.nextTick(resolve)).then(() => docsOf('users', ['2', '9']));
  expect(await Promise.all([docsOf('users', ['1', '1', '2']), docsOf('blocks', ['1', '3']), later])).toEqual([
    ['users 1', 'users 2'],
    ['blocks 1', 'blocks 3'],
    ['users 2'],
  ]);
  expect(statements).toEqual([
    [
      ['1', '3'],
      ['1', '2', '9'],
    ],
  ]);
  expect(await docsOf('blocks', ['4'])).toEqual(['blocks 4']);
  expect(statements).toHaveLength(2);
});

test('a turn that asks for very many ids has several statements', async () => {
  const { docsOf, statements } = tables(20_000);
  const ids = (from: number) => Array.from({ length: 3_000 }, (_, i) => String(from + i));
  const found = await Promise.all([0, 3_000, 6_000].map((from) => docsOf('users', ids(from))));
  expect(found.map((docs) => docs.length)).toEqual([3_000, 3_000, 3_000]);
  expect(statements.map(([all = []]) => all.length)).toEqual([3_000, 3_000, 3_000]);
});

test('a statement that is not answered fails for all who asked, and the next one is tried', async () => {
  const { docsOf, statements } = tables(5, () => new DocumentsUnavailableError('down'));
  const both = await Promise.allSettled([docsOf('users', ['1']), docsOf('blocks', ['1'])]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(docsOf('users', ['1'])).rejects.toThrow('down');
  expect(statements).toHaveLength(2);
});

test('a missing table fails for those alone who read it', async () => {
  const { docsOf } = tables(5, (text) =>
    text.includes('from blocks') ? new Error('no such table') : undefined,
  );
  const [users, blocks, mutes] = await Promise.allSettled([
    docsOf('users', ['1']),
    docsOf('blocks', ['1']),
    docsOf('mutes', ['2']),
  ]);
  expect(users).toMatchObject({ value: ['users 1'] });
  expect(blocks).toMatchObject({ reason: new Error('no such table') });
  expect(mutes).toMatchObject({ value: ['mutes 2'] });
});
