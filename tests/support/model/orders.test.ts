import { expect, it } from 'vitest';
import type { Interval } from './client-order.ts';
import type { Fact } from './facts.ts';
import { inClientOrder } from './orders.ts';
import { moderationOf } from './reports.ts';

let position = 0;

/** A fact whose command was sent and answered before that of the next one. */
const fact = (actor: string, type: string, second: number, data: object = {}): Fact & Interval => {
  position += 1;
  const time = `2026-01-01T00:00:0${second}.000Z`;
  const event = { id: `event ${position}`, type: `rookery.${type}.v1`, subject: 'post', actor, time, data };
  return { position, event, sent: position * 2, answered: position * 2 + 1 };
};
const report = (actor: string, second: number) =>
  fact(actor, 'report.made', second, { about: 'POST', category: 'SPAM' });
const answer = (second: number) =>
  fact('mod', 'report.resolved', second, { outcome: 'NO_VIOLATION', reason: 'Satire.' });

it.each([
  ['closed by the last answer', [report('ann', 1), answer(2), report('ben', 3), answer(4)], []],
  ['open after a report that nobody answered', [report('ann', 1), answer(2), report('ben', 3)], ['post']],
])('a case is %s, whoever reports', (_, facts, open) => {
  const { openReports } = moderationOf(inClientOrder(facts));
  expect(openReports().map(({ object }) => object)).toEqual(open);
});

it('what one actor did is in the order of its commands, whatever the clocks say', () => {
  const facts = [fact('ann', 'post.liked', 5), fact('ann', 'post.unliked', 3), fact('ben', 'post.liked', 4)];
  const [liked, unliked, other] = facts;
  expect(inClientOrder(facts)).toEqual([liked, other, unliked]);
});
