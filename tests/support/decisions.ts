import { RookeryError } from '@rookery/graphql-server';
import type { Command, Fact } from '@rookery/mutation/command-parts';
import { expect } from 'vitest';

/** Given what is known, when this user asks for this, then …: the form in which decisions are tested. */
export const given = <Knowledge>(known: Knowledge) => ({
  when: <Input extends object>(
    { decide }: Pick<Command<Input, Knowledge>, 'decide'>,
    actor: string,
    input: Input,
  ) => ({
    thenFact: (fact: Fact): void => expect(decide({ actor, input, known })).toEqual(fact),
    thenRefused: (code: string, field?: string): void =>
      expectRefusal(() => decide({ actor, input, known }), code, field),
  }),
});

/** That the decision ends in this error of the contract. */
export const expectRefusal = (decide: () => unknown, code: string, field?: string): void => {
  let refusal: unknown;
  try {
    decide();
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toBeInstanceOf(RookeryError);
  expect((refusal as RookeryError).extensions).toEqual({ code, ...(field === undefined ? {} : { field }) });
};
