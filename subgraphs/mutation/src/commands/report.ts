import { badInput, notFound } from '@rookery/graphql-server';
import { type EventData, eventKinds } from '@rookery/schema/events';
import { z } from 'zod';
import { id, moderationText, optional } from '../input.ts';
import { defineCommand, mustBeThere } from './command.ts';
import { moderate } from './moderation-scope.ts';

const { category } = eventKinds.reportMade.data.shape;
const { outcome } = eventKinds.reportResolved.data.shape;
const content = { category, text: optional(moderationText) };

type Category = EventData<'rookery.report.made'>['category'];

const recordReport = (report: { readonly category: Category; readonly text?: string | undefined }) => ({
  category: report.category,
  ...(report.text === undefined ? {} : { text: report.text }),
});

export const reportPost = defineCommand({
  emits: eventKinds.reportMade,
  input: z.object({ postId: id, ...content }),
  lookUp: ({ postId }, lookup) => lookup.post(postId),
  decide: ({ actor, input: { postId, ...report }, known }) => {
    mustBeThere('Post', known);
    if (typeof known === 'object' && known.author === actor)
      throw badInput('postId', 'You cannot report your own post.');
    return { name: 'rookery.report.made', subject: postId, data: { about: 'POST', ...recordReport(report) } };
  },
  payload: () => ({}),
});

export const reportUser = defineCommand({
  emits: eventKinds.reportMade,
  input: z.object({ userId: id, ...content }),
  // Also somebody whom the actor blocks, for what they have done before.
  lookUp: ({ userId }, lookup) => lookup.anyUser(userId),
  decide: ({ actor, input: { userId, ...report }, known }) => {
    if (userId === actor) throw badInput('userId', 'You cannot report yourself.');
    mustBeThere('User', known);
    return { name: 'rookery.report.made', subject: userId, data: { about: 'USER', ...recordReport(report) } };
  },
  payload: () => ({}),
});

export const resolveReports = defineCommand({
  emits: eventKinds.reportResolved,
  scope: moderate,
  input: z.object({ about: id, outcome, reason: moderationText }),
  lookUp: ({ about }, lookup) => lookup.reportsOf(about),
  // The answer is to all reports that the moderator may have read.
  notBefore: ({ newestAt }) => newestAt,
  decide: ({ input: { about, outcome, reason }, known: { reporters } }) => {
    if (reporters.length === 0) throw notFound('Report');
    return {
      name: 'rookery.report.resolved',
      subject: about,
      data: { outcome, reason, reporters: [...reporters] },
    };
  },
  payload: () => ({}),
});
