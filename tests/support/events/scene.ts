import { type Fact, posts, users } from './recorded-events.ts';

/* People, posts and acts of histories that are written by hand. */

export const [ada = '', ben = '', cyd = ''] = users;
export const [first = '', second = '', third = ''] = posts;

export const signUps = [ada, ben, cyd].map(
  (id, i): Fact => ({
    ...{ name: 'rookery.user.signed-up', actor: id, subject: id, id, at: i },
    data: { handle: `u${id.at(-1)}`, name: 'jay' },
  }),
);
export const publish = (actor: string, id: string, at: number, more: object = {}): Fact => ({
  ...{ name: 'rookery.post.published', actor, subject: id, id, at },
  data: { body: 'crow', ...more },
});
export const act = (
  name: Fact['name'],
  actor: string,
  subject: string,
  at: number,
  data: object = {},
): Fact => ({
  ...{ name, actor, subject, at, data: data as never },
});
