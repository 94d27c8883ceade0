import { type CaseDoc, newer } from '@rookery/read-models';
import { mustModerate } from '../access.ts';
import type { PageRoom } from '../answer-size/weigh.ts';
import type { Connection } from '../connection.ts';
import { type QueryContext, viewerOf } from '../context.ts';
import { defineCursorKind } from '../cursor.ts';
import type { Loaders } from '../loaders.ts';
import type { CaseModel, ReportModel } from '../models.ts';
import type { PageArgs } from '../page-request.ts';
import { readWhole } from './whole-list.ts';

const openCursor = defineCursorKind('openReports');
const ownCursor = defineCursorKind('myReports');

/** Reports that a case shows. */
const shownReports = 10;

type StoredReport = CaseDoc['reports'][number];

const presentReport = (
  { actor, category, text, at, version }: StoredReport,
  about: string,
  { about: kind, resolution }: Pick<CaseDoc, 'about' | 'resolution'>,
): ReportModel => {
  const isAnswered = resolution !== null && newer(resolution.version, version);
  return {
    ...{ about, category, at, reporter: actor, text: text ?? null, kind: kind ?? 'POST' },
    outcome: isAnswered ? resolution.outcome : null,
  };
};

/** Shows what was reported to moderators, whether or not they could see it by themselves. */
const presentCase = async (loaders: Loaders, doc: CaseDoc): Promise<CaseModel> => {
  const { object, about, reports } = doc;
  const post = about === 'POST' ? await loaders.posts.load(object) : undefined;
  const user = await loaders.users.load(about === 'POST' ? (post?.author ?? '') : object);
  return {
    ...{ about: object, kind: about ?? 'POST', handle: user?.handle ?? null, body: post?.body ?? null },
    reports: reports.slice(0, shownReports).map((report) => presentReport(report, object, doc)),
  };
};

/** Reads the posts and users with reports that nobody has answered, the newest report first. */
export const readOpenReports = async (
  context: QueryContext,
  args: PageArgs,
  room: PageRoom<CaseModel>,
): Promise<Connection<CaseModel>> => {
  mustModerate(context);
  const { reader, loaders } = context;
  return readWhole(
    context,
    { args, room },
    { cursor: openCursor, scope: '' },
    async (after, direction, limit) => {
      const found = await reader
        .collection('cases')
        .page({ where: { open: true }, orderBy: 'position', direction, after, limit });
      return Promise.all(
        found.map(async ({ doc }) => ({
          position: doc.position ?? 0,
          model: await presentCase(loaders, doc),
        })),
      );
    },
  );
};

/** Reads what the viewer has reported, the newest report first. */
export const readMyReports = async (
  context: QueryContext,
  args: PageArgs,
  room: PageRoom<ReportModel>,
): Promise<Connection<ReportModel>> => {
  const viewer = viewerOf(context);
  const { reader, loaders } = context;
  return readWhole(
    context,
    { args, room },
    { cursor: ownCursor, scope: viewer },
    async (after, direction, limit) => {
      const found = await reader
        .collection('reports')
        .page({ where: { actor: viewer }, orderBy: 'position', direction, after, limit });
      const answers = await Promise.all(found.map(({ doc }) => loaders.cases.load(doc.object)));
      return found.map(({ doc }, i) => ({
        position: doc.position,
        model: presentReport(doc, doc.object, {
          about: doc.about,
          resolution: answers[i]?.resolution ?? null,
        }),
      }));
    },
  );
};
