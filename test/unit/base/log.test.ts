import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createLog, silentLog } from '../../../server/base/log.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'shelf-log-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const linesIn = (name = 'papyrus-shelf.log') =>
  readFileSync(join(dir, name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

function paper() {
  let text = '';
  const out = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  return { out, text: () => text };
}

describe('the log', () => {
  it('writes one JSON line per event, from its level up', async () => {
    const log = createLog({ level: 'info', dir });
    log.debug('too quiet');
    log.info('file stored', { fileId: 'f1', sizeBytes: 3 });
    log.warn('disk nearly full');
    await log.close();
    const lines = linesIn();
    expect(lines.map(({ time: _, ...rest }) => rest)).toEqual([
      { level: 'info', event: 'file stored', fileId: 'f1', sizeBytes: 3 },
      { level: 'warn', event: 'disk nearly full' },
    ]);
    expect(lines[0]?.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('puts shared fields on every line', async () => {
    const log = createLog({ level: 'info', dir });
    log.with({ requestId: 'r1' }).info('asked', { path: '/api' });
    await log.close();
    expect(linesIn()[0]).toMatchObject({ requestId: 'r1', event: 'asked', path: '/api' });
  });

  it('keeps secrets out, whichever way they come', async () => {
    const log = createLog({ level: 'info', dir });
    const secrets = {
      password: 'hunter2', newPassword: 'hunter2', refreshToken: 'hunter2', Authorization: 'hunter2', cookie: 'hunter2', apiKey: 'hunter2', api_key: 'hunter2', clientSecret: 'hunter2',
    }; // prettier-ignore
    log.info('signed in', secrets);
    log.with(secrets).info('and again');
    await log.close();
    expect(JSON.stringify(linesIn())).not.toContain('hunter2');
    expect(linesIn()[0]).toMatchObject({ password: '[kept out]', refreshToken: '[kept out]' });
  });

  it("says an error's kind, code and place, never its message or a folder", async () => {
    const log = createLog({ level: 'info', dir });
    const cause = Object.assign(new RangeError("no such file '/home/ada/Secret Diary.epub'"), {
      code: 'ENOENT',
    });
    log.error('import failed', { error: new Error('Secret Diary cannot be read', { cause }) });
    log.error('import failed', { error: 'Secret Diary' });
    await log.close();
    const [first, second] = linesIn();
    expect(JSON.stringify([first, second])).not.toMatch(/Secret Diary|ada/);
    expect(first?.error).toMatchObject({ name: 'Error', cause: { name: 'RangeError', code: 'ENOENT' } });
    const { at } = z.object({ at: z.array(z.string()) }).parse(first?.error);
    expect(at[0]).toContain('log.test.ts');
    expect(at.every((place) => !/[/\\]/.test(place))).toBe(true);
    expect(second?.error).toEqual({ name: 'string' });
  });

  it('starts a new file after ten megabytes and is for this user alone', async () => {
    const log = createLog({ level: 'info', dir });
    for (let mb = 0; mb < 11; mb++) log.info('long', { text: 'x'.repeat(1_048_576) });
    await log.close();
    const names = readdirSync(dir).filter((name) => name.endsWith('.log'));
    expect(names.length).toBe(2);
    for (const name of names) {
      expect(statSync(join(dir, name)).size).toBeLessThan(11.5 * 1_048_576);
      if (process.platform !== 'win32') expect(statSync(join(dir, name)).mode & 0o077).toBe(0);
    }
  });

  it('speaks plainly on a terminal', async () => {
    const { out, text } = paper();
    const log = createLog({ level: 'info', readable: out });
    log.info('server started', { tookMs: 12, version: '1.0' });
    log.error('it broke', { list: [1] });
    await log.close();
    expect(text()).toMatch(
      /^\d\d:\d\d:\d\d server started {2}tookMs=12 version=1\.0\n\d\d:\d\d:\d\d ERROR it broke {2}list=\[1\]\n$/,
    );
  });

  it('can say nothing at all', async () => {
    const log = silentLog();
    log.error('nobody hears');
    log.with({ a: 1 }).info('nor this');
    await expect(log.close()).resolves.toBeUndefined();
  });
});
