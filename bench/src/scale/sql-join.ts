import type { Network } from '@rookery/demo/bulk';
import type { Envelope } from '@rookery/schema/events';
import pg from 'pg';
import { alternate, type Latencies, repeat } from '../measure.ts';
import type { Member } from '../member.ts';
import { everyTenth, type Say } from '../progress.ts';
import { type Figures, named } from './figures.ts';
import { readPage } from './read-page.ts';
import type { SizedSystem } from './sized-system.ts';

/** Plain tables with every index that the page can use. */
const schema = `
create schema plain;
create table plain.users (id uuid primary key, handle text not null unique, name text not null);
create table plain.posts (
  id uuid primary key, author uuid not null, position bigint not null unique, body text not null,
  created_at timestamptz not null, in_reply_to uuid, deleted boolean not null default false);
create table plain.shares (actor uuid, post uuid, position bigint not null unique, primary key (post, actor));
create table plain.likes (actor uuid, post uuid, primary key (post, actor));
create table plain.follows (actor uuid, object uuid, primary key (actor, object));`;
const indexes = `
create index on plain.posts (author, position desc);
create index on plain.posts (in_reply_to);
create index on plain.shares (actor, position desc);
create index on plain.follows (object, actor);
analyze;`;

const columns = `
  select item.position, item.verb, actor.handle, actor.name, p.id, p.body, p.created_at, author.handle, author.name,
    (select count(*) from plain.likes where post = p.id) as likes,
    (select count(*) from plain.shares where post = p.id) as shares,
    (select count(*) from plain.posts as reply where reply.in_reply_to = p.id and not reply.deleted) as replies`;
const joins = `
  join plain.posts as p on p.id = item.post and not p.deleted
  join plain.users as actor on actor.id = item.actor
  join plain.users as author on author.id = p.author
  order by item.position desc limit 20`;

/** The page by one join: the planner chooses whether it begins with the items or with the followings. */
const byJoin = `${columns} from (
    select position, 'POST' as verb, author as actor, id as post from plain.posts where not deleted
    union all select position, 'SHARE', actor, post from plain.shares
  ) as item join plain.follows as f on f.object = item.actor and f.actor = $1 ${joins}`;

/** The page by one join that begins with the newest items of each following. */
const byFollowing = `${columns} from plain.follows as f cross join lateral (
    (select position, 'POST' as verb, author as actor, id as post from plain.posts
      where author = f.object and not deleted order by position desc limit 20)
    union all
    (select position, 'SHARE', actor, post from plain.shares where actor = f.object order by position desc limit 20)
  ) as item ${joins.replace('order by', 'where f.actor = $1 order by')}`;

const batchSize = 5_000;
const inFlight = 8;
/** Number of times that the pages of all readers, and the same by SQL, are measured. The median counts. */
const rounds = 3;

const inTurn = <T>(all: readonly T[], index: number): T => all[index % all.length] as T;

/** A reader, and the statement of the reader's page. */
interface Joined {
  readonly member: Member;
  readonly text: string;
}

const readBySql = (pool: pg.Pool, { member, text }: Joined) =>
  pool.query({ name: text.length.toString(), text, values: [member.id] });

/** Measures the first page by SQL in both forms. Returns the better one. */
const measureForms = async (pool: pg.Pool, members: readonly Member[], samples: number) => {
  const forms: { readonly text: string; readonly measured: Latencies }[] = [];
  for (const text of [byJoin, byFollowing]) {
    const read = (index: number) => readBySql(pool, { member: inTurn(members, index), text });
    await repeat(Math.ceil(samples / 10), inFlight, read);
    forms.push({ text, measured: await repeat(samples, inFlight, read) });
  }
  const [better] = forms.toSorted((a, b) => b.measured.perSecond - a.measured.perSecond);
  if (!better) throw new Error('nothing was measured');
  return better;
};

/** Measures first pages of all readers in turn, and alternately the same pages by SQL, so that other load affects both alike. */
const measureMix = async (pool: pg.Pool, joined: readonly Joined[], samples: number): Promise<Figures> => {
  const [pages, bySql] = await alternate(
    rounds,
    () => repeat(samples, inFlight, (index) => readPage(inTurn(joined, index).member)),
    () => repeat(samples, inFlight, (index) => readBySql(pool, inTurn(joined, index))),
  );
  return { [named.mixRate]: pages.perSecond, [named.mixSqlRate]: bySql.perSecond };
};

/** Writes the network into plain tables beside the stores, and measures the first page by one SQL join over them. */
export const measureSqlJoin = async (
  { system, network, readers }: SizedSystem,
  { samples }: { readonly samples: number },
  say: Say,
): Promise<Figures> => {
  const pool = new pg.Pool({ connectionString: system.servers.database.url, max: inFlight });
  try {
    say('writing the same network into plain tables');
    await fill(pool, network, say);
    const figures: Record<string, number> = {};
    const joined: Joined[] = [];
    for (const [followings, members] of readers) {
      say(`pages by SQL with ${followings} followings`);
      const { text, measured } = await measureForms(pool, members, samples);
      figures[named.sqlRate(followings)] = measured.perSecond;
      figures[named.sqlP99(followings)] = measured.p99;
      joined.push(...members.map((member) => ({ member, text })));
    }
    say('pages of all readers in turn, and the same by SQL');
    return { ...figures, ...(await measureMix(pool, joined, samples)) };
  } finally {
    await pool.end();
  }
};

const fill = async (pool: pg.Pool, network: Network, say: Say): Promise<void> => {
  const onProgress = everyTenth(say);
  await pool.query(schema);
  let position = 0;
  for (const batch of network.batches(batchSize)) {
    await insert(pool, batch, position);
    position += batch.length;
    onProgress('plain tables', position, network.expectedEvents);
  }
  await pool.query(indexes);
};

interface Statement {
  readonly type: string;
  readonly text: string;
}

/** Statements in which the batch is $1, as JSON. */
const given =
  'json_to_recordset($1) as e(id uuid, actor uuid, subject uuid, time timestamptz, data json, position bigint)';
const statements: readonly Statement[] = [
  {
    type: 'rookery.user.signed-up.v1',
    text: `insert into plain.users select id, data->>'handle', data->>'name' from ${given}`,
  },
  {
    type: 'rookery.post.published.v1',
    text: `insert into plain.posts
      select id, actor, position, data->>'body', time, (data->>'inReplyTo')::uuid from ${given}`,
  },
  {
    type: 'rookery.user.followed.v1',
    text: `insert into plain.follows select actor, subject from ${given} on conflict do nothing`,
  },
  {
    type: 'rookery.post.liked.v1',
    text: `insert into plain.likes select actor, subject from ${given} on conflict do nothing`,
  },
  {
    type: 'rookery.post.shared.v1',
    text: `insert into plain.shares select actor, subject, position from ${given} on conflict do nothing`,
  },
  {
    type: 'rookery.post.edited.v1',
    text: `update plain.posts as p set body = e.data->>'body' from ${given} where p.id = e.subject`,
  },
  {
    type: 'rookery.post.deleted.v1',
    text: `update plain.posts as p set deleted = true from ${given} where p.id = e.subject`,
  },
  {
    type: 'rookery.user.unfollowed.v1',
    text: `delete from plain.follows as f using ${given} where f.actor = e.actor and f.object = e.subject`,
  },
  {
    type: 'rookery.post.unliked.v1',
    text: `delete from plain.likes as l using ${given} where l.actor = e.actor and l.post = e.subject`,
  },
];

/** Applies a batch, kind by kind: something that is done and undone within one batch is left undone. */
const insert = async (pool: pg.Pool, batch: readonly Envelope[], before: number): Promise<void> => {
  const numbered = batch.map((event, i) => ({ ...event, position: before + i + 1 }));
  const byType = Map.groupBy(numbered, ({ type }) => type);
  for (const { type, text } of statements) {
    const events = byType.get(type);
    if (events) await pool.query(text, [JSON.stringify(events)]);
  }
};
