import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createLog } from './log.ts';
import { openWatchedSecrets } from './watched-secrets.ts';

const log = createLog('test', 'silent');
const [older, newer] = ['o'.repeat(32), 'n'.repeat(32)];
const open = (value: string) => openWatchedSecrets({ value, setting: 'CURSOR_SECRET', log });

describe('secrets', () => {
  let dir: string;
  let file: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'rookery-secrets-'));
    file = join(dir, 'cursor-secrets');
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const write = (text: string) => {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  };

  it('are one, or several with commas between them', () => {
    expect(open(older).current).toEqual([older]);
    expect(open(`${newer}, ${older}`).current).toEqual([newer, older]);
  });

  it('are read again when their file changes, and stay in force if it is not valid', async () => {
    write(`${older}\n`);
    using secrets = open(pathToFileURL(file).href);
    expect(secrets.current).toEqual([older]);
    write(`${newer}\n\n${older}\n`);
    await vi.waitFor(() => expect(secrets.current).toEqual([newer, older]), { timeout: 10_000 });
    const refused = vi.spyOn(log, 'error');
    write('short\n');
    await vi.waitFor(() => expect(refused).toHaveBeenCalledOnce(), { timeout: 10_000 });
    expect(secrets.current).toEqual([newer, older]);
    write(newer);
    await vi.waitFor(() => expect(secrets.current).toEqual([newer]), { timeout: 10_000 });
  });

  it('end the start of a process if they are missing or short, and are not quoted', () => {
    expect(() => open(`file://${dir}/nothing`)).toThrow(/^CURSOR_SECRET: failed to read .*nothing: ENOENT$/);
    expect(() => open('hunter2')).toThrow(
      /^CURSOR_SECRET is wrong: each secret must have at least 32 characters$/,
    );
    write('\n');
    expect(() => open(`file://${file}`)).toThrow('CURSOR_SECRET is wrong: it holds no secret');
  });
});
