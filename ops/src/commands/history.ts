import { UsageError } from '@rookery/command-line';
import { type AuditLog, type AuditRow, openAuditLog } from '@rookery/event-store';
import { createLog, isId } from '@rookery/runtime';
import { readEvent } from '@rookery/schema/events';
import { defineCommand } from '../command.ts';
import { createMeter } from '../meter.ts';
import { untilSignal } from '../until-signal.ts';
import { wholeStore } from '../whole-store.ts';

/** One act of a user. */
interface Deed {
  readonly position: number;
  readonly at: string;
  readonly actor: string;
  readonly handle: string | null;
  readonly verb: string;
  readonly subject: string;
  /** Handle of the subject if it is a user. */
  readonly subjectHandle: string | null;
  readonly data: unknown;
}

/** Number of events that are looked up at a time. */
const page = 1_000;
/** Number of positions that one statement scans, so that each is short and progress can be shown. */
const stretch = 100_000;
/** Number of characters of a text that are shown. */
const shown = 60;

export const history = defineCommand({
  about: 'Prints the acts by and about a user or a post, from the event store',
  positionals: '<handle|user id|post id>',
  options: {},
  help: [['<handle|id>', 'a user, by handle or id, for all acts by and about them; or a post']],

  async run(_values, { config, stores, progress }, [what, ...more]) {
    if (what === undefined || more.length > 0) throw new UsageError('name one user or post');
    const { url } = await wholeStore(config, stores);
    const auditLog = openAuditLog(url, {
      log: createLog('ops', 'silent'),
      archiveDir: config.EVENT_ARCHIVE_DIR,
    });
    await using open = new AsyncDisposableStack();
    open.defer(() => auditLog.close());
    await using stop = untilSignal();
    const meter = createMeter(progress);
    const through = async (label: string, look: (after: number, upTo: number) => Promise<void>) => {
      const last = await stores.eventStore.head();
      for (let after = 0; after < last; after += stretch) {
        stop.signal.throwIfAborted();
        const upTo = Math.min(last, after + stretch);
        await look(after, upTo);
        meter(label, upTo, last);
      }
    };
    /** Returns the user who has the handle, or had it last. */
    const ownerOf = async (handle: string): Promise<string | undefined> => {
      let owner: string | undefined;
      await through('who that is', async (after, upTo) => {
        owner = (await auditLog.handleGiven(handle, after, upTo))?.actor ?? owner;
      });
      return owner;
    };
    const handle = what.replace(/^@/, '').normalize('NFKC').toLowerCase();
    const id = isId(what) ? what : await ownerOf(handle);
    const rows: AuditRow[] = [];
    if (id !== undefined) {
      await through('what was done', async (after, upTo) => {
        rows.push(...(await auditLog.about(id, after, upTo)));
      });
    }
    const deeds = await describe(auditLog, rows);
    return {
      ok: deeds.length > 0,
      json: deeds,
      text: deeds.length > 0 ? deeds.map(toLine).join('\n') : `nothing is recorded about ${what}`,
    };
  },
});

const describe = async (auditLog: AuditLog, rows: readonly AuditRow[]): Promise<Deed[]> => {
  const everybody = [...new Set(rows.flatMap(({ actor, subject }) => [actor, subject]))];
  const handles = new Map<string, string>();
  for (let i = 0; i < everybody.length; i += page) {
    for (const row of await auditLog.signUps(everybody.slice(i, i + page))) {
      const event = readEvent(JSON.parse(row.text));
      if (event.name === 'rookery.user.signed-up') handles.set(row.id, event.data.handle);
    }
  }
  return rows.map(({ position, text }) => {
    const { name, time, actor, verb, subject, data } = readEvent(JSON.parse(text));
    if (name === 'rookery.user.handle-changed') handles.set(actor, data.handle);
    return {
      position,
      at: time,
      actor,
      handle: handles.get(actor) ?? null,
      verb,
      subject,
      subjectHandle: handles.get(subject) ?? null,
      data,
    };
  });
};

const who = (handle: string | null, id: string): string => (handle === null ? id : `@${handle}`);

const toLine = ({ position, at, actor, handle, verb, subject, subjectHandle, data }: Deed): string => {
  const about = subject === actor ? '' : ` ${who(subjectHandle, subject)}`;
  const said = JSON.stringify(data);
  const words = said === '{}' ? '' : ` ${said.length > shown ? `${said.slice(0, shown)}…` : said}`;
  return `${position}  ${at}  ${who(handle, actor)} ${verb}${about}${words}`;
};
