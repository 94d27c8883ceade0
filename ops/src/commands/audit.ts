import { HeadsMissingError, openHeads, audit as runAudit } from '@rookery/audit';
import { UsageError } from '@rookery/command-line';
import { openAuditLog } from '@rookery/event-store';
import { createLog } from '@rookery/runtime';
import { defineCommand } from '../command.ts';
import { createMeter } from '../meter.ts';
import { untilSignal } from '../until-signal.ts';

type Flaw = NonNullable<Awaited<ReturnType<typeof runAudit>>['flaw']>;

const describe = ({ position, kind, detail }: Flaw): string => `position ${position} ${kind}: ${detail}`;

export const audit = defineCommand({
  about: 'Verifies that the event store is as it was recorded, or reports the first flaw',
  positionals: '',
  options: { heads: { type: 'string' }, backup: { type: 'boolean' } },
  help: [
    ['--heads <address>', 'location of the published heads; default: AUDIT_HEADS_URL'],
    ['--backup', 'the backup event store instead of the first'],
  ],

  async run(values, { config, progress }, positionals) {
    if (positionals.length > 0) throw new UsageError('audit takes no arguments');
    const url = values.backup ? config.EVENT_STORE_BACKUP_URL : config.POSTGRES_URL;
    if (url === undefined) throw new UsageError('there is no backup event store');
    const log = createLog('ops', 'silent');
    await using open = new AsyncDisposableStack();
    await using stop = untilSignal();
    const auditLog = openAuditLog(url, { log, archiveDir: config.EVENT_ARCHIVE_DIR });
    open.defer(() => auditLog.close());
    const headsUrl = values.heads ?? config.AUDIT_HEADS_URL;
    const heads = headsUrl === undefined ? undefined : openHeads(headsUrl, { log });
    if (heads) open.defer(() => heads.close());
    const start = performance.now();
    const meter = createMeter(progress);
    const last = await auditLog.head().then(
      (head) => head?.position,
      (cause: Error) => {
        const setting = values.backup ? 'EVENT_STORE_BACKUP_URL' : 'POSTGRES_URL';
        throw new Error(`the event store at ${setting} does not answer: ${cause.message}`, { cause });
      },
    );
    const published = (await heads?.read()) ?? [];
    if (heads && published.length === 0 && last !== undefined) {
      throw new HeadsMissingError(String(headsUrl));
    }
    const {
      flaw,
      head,
      events,
      heads: held,
    } = await runAudit({
      auditLog,
      heads: published,
      signal: stop.signal,
      onProgress: (position) => meter('proved', position, last),
    });
    // The recorder's metrics tell of it. A store of an earlier version has no place for it, which is no flaw.
    const isNoted = await auditLog
      .addAudit({ passed: flaw === undefined, events, flaw: flaw ? describe(flaw) : null })
      .then(
        () => true,
        () => false,
      );
    const seconds = (performance.now() - start) / 1_000;
    const hash = head.hash.toString('hex');
    return {
      ok: flaw === undefined,
      json: {
        whole: flaw === undefined,
        events,
        head: { position: head.position, hash },
        heads: held,
        flaw: flaw ?? null,
        noted: isNoted,
        seconds,
      },
      text: flaw
        ? `${describe(flaw)}\n${events} events before it are what was recorded`
        : `whole: ${events} events, head ${hash}, held against ${held} published heads, ${seconds.toFixed(1)} s${heads ? '' : '\nno published heads: a store that was wholly rewritten would not be found out (AUDIT_HEADS_URL)'}`,
    };
  },
});
