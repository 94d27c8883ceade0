import { signedIn } from './context.ts';
import { badInput } from './errors.ts';
import type { Resolvers } from './generated/resolvers.ts';
import type { SampleEvent } from './store.ts';

/** Longest list: the gateway charges clients for no more. */
const maxFirst = 100;

/** @throws GraphQLError BAD_USER_INPUT */
const checkFirst = (first: number): number => {
  if (first < 1 || first > maxFirst) throw badInput('first', `first must be between 1 and ${maxFirst}.`);
  return first;
};

export const resolvers: Resolvers = {
  Query: { sample: (_parent, { id }, { store }) => store.find(id) },
  Mutation: {
    addSample(_parent, { input: { postId, text } }, context) {
      const authorId = signedIn(context);
      const length = [...text].length;
      if (length < 1 || length > 500) throw badInput('input.text', 'text must have 1 to 500 characters.');
      return { sample: context.store.add({ postId, text, authorId }) };
    },
  },
  Subscription: {
    sampleAdded: {
      subscribe(_parent, { postId, after }, { store, start }) {
        const from = after ?? store.end;
        const events = store.follow(postId, from);
        if (events === undefined) throw badInput('after', 'after is not a cursor.');
        start.cursor = from;
        return events;
      },
      resolve: ([event]: [SampleEvent]) => event,
    },
  },
  Sample: {
    // The gateway asks for entities by their keys, in lists: with a database, load them by a DataLoader.
    __resolveReference: ({ id }, { store }) => store.find(id),
    // Fields of users and posts come from Rookery: their keys are enough.
    author: ({ authorId }) => ({ id: authorId }),
    post: ({ postId }) => ({ id: postId }),
  },
  Post: {
    __resolveReference: ({ id }) => ({ id }),
    samples: ({ id }, { first }, { store }) => store.newest(checkFirst(first), { postId: id }),
  },
  User: {
    __resolveReference: ({ id }) => ({ id }),
    samples: ({ id }, { first }, { store }) => store.newest(checkFirst(first), { authorId: id }),
  },
};
