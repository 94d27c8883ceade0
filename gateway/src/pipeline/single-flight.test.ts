import type { ExecutionResult } from '@rookery/federation-executor';
import { GraphQLError } from 'graphql';
import { expect, test } from 'vitest';
import { SingleFlight } from './single-flight.ts';

/** Executions that end when the test says so. */
const executions = () => {
  const ends: PromiseWithResolvers<ExecutionResult>[] = [];
  const execute = () => {
    const end = Promise.withResolvers<ExecutionResult>();
    ends.push(end);
    return end.promise;
  };
  return { ends, execute };
};
const result = (name: string, ...errors: GraphQLError[]): ExecutionResult => ({
  data: { name },
  errors,
  isStale: false,
});

test('equal executions under way are one, and later ones are not', async () => {
  const flight = new SingleFlight();
  const { ends, execute } = executions();
  const asked = [flight.run('a', execute), flight.run('a', execute), flight.run('b', execute)];
  expect(ends).toHaveLength(2);
  ends[0]?.resolve(result('first'));
  ends[1]?.resolve(result('other'));
  expect((await Promise.all(asked)).map(({ data }) => data?.name)).toEqual(['first', 'first', 'other']);
  void flight.run('a', execute);
  expect(ends).toHaveLength(3);
});

test.each([
  [
    'has an error',
    (end: PromiseWithResolvers<ExecutionResult>) => end.resolve(result('x', new GraphQLError('late'))),
  ],
  ['fails', (end: PromiseWithResolvers<ExecutionResult>) => end.reject(new Error('broken'))],
])('an execution that %s is its own alone', async (_what, finish) => {
  const flight = new SingleFlight();
  const { ends, execute } = executions();
  const first = flight.run('a', execute).catch(() => undefined);
  const second = flight.run('a', execute);
  const [end] = ends;
  if (!end) throw new Error('nothing is executed');
  finish(end);
  await first;
  await new Promise(setImmediate);
  expect(ends).toHaveLength(2);
  ends[1]?.resolve(result('own'));
  expect((await second).data).toEqual({ name: 'own' });
});
