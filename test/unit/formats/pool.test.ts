import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../server/base/errors.ts';
import { UnreadableFile } from '../../../server/formats/book.ts';
import { chunksAhead, type FromWorker, type ToWorker } from '../../../server/formats/workers/messages.ts';
import { createPool, type Pool, type PoolOptions } from '../../../server/formats/workers/pool.ts';
import type { FolderEntry } from '../../../server/formats/walk.ts';
import { makePdf } from '../../support/make-pdf.ts';

let folder: string;
let pool: Pool;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shelf-pool-'));
  pool = createPool({ size: 2 });
});
afterEach(async () => {
  await pool.close();
  rmSync(folder, { recursive: true });
});

const put = (name: string, bytes: string | Uint8Array): Buffer => {
  writeFileSync(join(folder, name), bytes);
  return Buffer.from(join(folder, name));
};

const coversDir = (): string => join(folder, 'covers');
const readFile = (path: Uint8Array) => pool.run('read-file', { path, coversDir: coversDir() });

describe('a pool of real workers', () => {
  it('reads a book: metadata, hashes and cover', async () => {
    const bytes = makePdf({ info: { Title: 'House' } });
    const file = await readFile(put('house.pdf', bytes));
    expect(file).toMatchObject({
      sizeBytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      reading: { format: 'pdf', contentType: 'book', metadata: { title: 'House', pageCount: 1 } },
      cover: { width: 400, height: 600 },
    });
    expect(file.partialMd5).toMatch(/^[0-9a-f]{32}$/);
    expect('cover' in file.reading).toBe(false);
  });

  it('keeps the cover for later and draws it when asked to', async () => {
    const path = put('house.pdf', makePdf());
    const { cover } = await pool.run('read-file', { path, coversDir: coversDir() });
    const drawn = await pool.run('render-cover', { hash: cover?.hash ?? '', coversDir: coversDir() });
    expect(drawn).toEqual(cover);
  });

  it('tells what is wrong with a file as an UnreadableFile', async () => {
    const error: unknown = await readFile(put('empty.epub', '')).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UnreadableFile);
    expect(error).toMatchObject({ reason: 'empty', message: 'The file is empty.' });
    await expect(readFile(Buffer.from(join(folder, 'gone.epub')))).rejects.toMatchObject({
      reason: 'changed',
    });
    await expect(readFile(Buffer.from(folder))).rejects.toMatchObject({ reason: 'unreadable' });
  });

  it('blames a full or forbidden covers folder, not the book', async () => {
    const path = put('house.pdf', makePdf());
    const error: unknown = await pool
      .run('read-file', { path, coversDir: join(folder, 'house.pdf') })
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(UnreadableFile);
  });

  it('reads a sidecar', async () => {
    const path = put('metadata.epub.lua', 'return { ["percent_finished"] = 0.5 }');
    const { sizeBytes, sidecar } = await pool.run('read-sidecar', { path });
    expect(sizeBytes).toBe(37);
    expect(sidecar).toMatchObject({ percentFinished: 0.5 });
  });

  it('streams a folder in order and ends with the count', async () => {
    mkdirSync(join(folder, 'sub'));
    put('a.epub', 'a');
    put('sub/b.epub', 'b');
    const entries: FolderEntry[] = [];
    const root = Buffer.from(folder);
    const result = await pool.run(
      'walk-folder',
      { root },
      { onChunk: (chunk) => void entries.push(...chunk) },
    );
    expect(result).toEqual({ entryCount: 2, unread: {} });
    expect(entries.map((entry) => Buffer.from(entry.path).toString())).toEqual([
      join(folder, 'a.epub'),
      join(folder, 'sub', 'b.epub'),
    ]);
  });

  it('ends a task whose chunks are not wanted', async () => {
    put('a.epub', 'a');
    const onChunk = () => {
      throw new Error('no room');
    };
    await expect(pool.run('walk-folder', { root: Buffer.from(folder) }, { onChunk })).rejects.toThrow(
      'no room',
    );
  });

  it('waits with further chunks until those before are taken', async () => {
    const count = (chunksAhead + 2) * 2000;
    for (let index = 0; index < count; index += 1) put(`${index}.epub`, '');
    const worker = new Worker(new URL('../../../server/formats/workers/worker.ts', import.meta.url), {
      execArgv: [],
    });
    const messages: FromWorker[] = [];
    worker.on('message', (message: FromWorker) => messages.push(message));
    const tell = (message: ToWorker): void => worker.postMessage(message, []);
    const received = () => messages.filter(({ kind }) => kind === 'chunk').length;
    tell({ kind: 'run', id: 1, task: 'walk-folder', input: { root: Buffer.from(folder) } });
    await until(() => received() === chunksAhead);
    await wait(50);
    expect(received()).toBe(chunksAhead);
    tell({ kind: 'chunk-taken', id: 1 });
    await until(() => received() === chunksAhead + 1);
    tell({ kind: 'chunk-taken', id: 1 });
    tell({ kind: 'chunk-taken', id: 1 });
    await until(() => messages.at(-1)?.kind === 'done');
    expect(messages.at(-1)).toMatchObject({ id: 1, result: { entryCount: count } });
    await worker.terminate();
  }, 20_000);
});

// Answers as worker.ts does; the path says what becomes of the task.
const standIn = `
  import { parentPort, threadId } from 'node:worker_threads';
  const running = new Map();
  parentPort.on('message', ({ kind, id, input }) => {
    if (kind !== 'run') return running.get(id)?.(kind);
    const [what, ms] = Buffer.from(input.path ?? input.root).toString().split(' ');
    const done = () => parentPort.postMessage({ kind: 'done', id, result: { what, threadId } });
    if (what === 'die') setTimeout(() => process.exit(1), 20);
    else if (what === 'throw') setTimeout(() => { throw new Error('out of order'); }, 20);
    else if (what === 'hang') { for (;;); }
    else if (what === 'fail') parentPort.postMessage({ kind: 'failed', id, failure: { message: 'bug', detail: 'at line 1' } });
    else if (what === 'stream') {
      let sent = 0;
      const next = (kind) => {
        if (kind === 'stop' || sent === 3) return done();
        parentPort.postMessage({ kind: 'chunk', id, chunk: sent++ });
      };
      running.set(id, next);
      next();
    } else setTimeout(done, Number(ms ?? 0));
  });
  parentPort.postMessage({ kind: 'ready' });
`;

describe('a pool whose workers hang and die', () => {
  const open = async (options: Partial<PoolOptions> = {}): Promise<void> => {
    await pool.close();
    const workerUrl = new URL(`data:text/javascript,${encodeURIComponent(standIn)}`);
    pool = createPool({ size: 1, workerUrl, ...options });
  };
  /** What the stand-in answers: what it was told, and the thread that did it. */
  const run = (what: string, options = {}): Promise<unknown> =>
    pool.run('read-file', { path: Buffer.from(what), coversDir: '' }, options);
  const threadOf = async (what: string): Promise<number> =>
    ((await run(what)) as { threadId: number }).threadId;

  it('gives up a task that takes too long and goes on with the next', async () => {
    await open({ taskTimeoutMs: 60_000 });
    await run('warm');
    const hanging = run('hang', { timeoutMs: 100 });
    const alone = pool.run('walk-folder', { root: Buffer.from('fine') });
    await expect(hanging).rejects.toMatchObject({
      reason: 'unreadable',
      message: 'Reading this file took too long.',
    });
    expect(await alone).toMatchObject({ what: 'fine' });
  });

  it('gives up a task that ends its worker and replaces the worker', async () => {
    await open();
    const first = await threadOf('fine');
    await expect(run('die')).rejects.toMatchObject({
      reason: 'unreadable',
      message: 'This file could not be read.',
    });
    await expect(run('throw')).rejects.toMatchObject({ reason: 'unreadable' });
    expect(await threadOf('fine')).not.toBe(first);
  });

  it('finishes a task that shared the worker with one that ended it', async () => {
    await open();
    await run('warm');
    const [dead, fine] = await Promise.allSettled([run('die'), run('fine 200')]);
    expect(dead).toMatchObject({ status: 'rejected', reason: { reason: 'unreadable' } });
    expect(fine).toMatchObject({ status: 'fulfilled', value: { what: 'fine' } });
  });

  it('does not blame the file when no worker can be started', async () => {
    await open({ workerUrl: new URL('data:text/javascript,throw new Error("broken installation")') });
    const error: unknown = await run('fine').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ kind: 'unavailable' });
  });

  it('tells a fault of the program apart from a fault of the file', async () => {
    await open();
    const error: unknown = await run('fail').catch((caught: unknown) => caught);
    expect(error).toMatchObject({ message: 'bug', cause: 'at line 1' });
    expect(error).not.toBeInstanceOf(UnreadableFile);
  });

  it('starts tasks in the order they came, two files at a time in one worker', async () => {
    await open();
    const order: string[] = [];
    const note = async (what: string): Promise<void> => {
      await run(what);
      order.push(what);
    };
    await Promise.all([note('a 150'), note('b 50'), note('c 20'), note('d 150')]);
    expect(order).toEqual(['b 50', 'c 20', 'a 150', 'd 150']);
  });

  it('uses as many threads as it may, and none that it need not', async () => {
    await open({ size: 2 });
    const threads = await Promise.all(['a 50', 'b 50', 'c 50'].map(threadOf));
    expect(new Set(threads).size).toBe(2);
    expect(threads).toContain(await threadOf('later'));
  });

  it('lets idle workers end', async () => {
    await open({ idleMs: 20 });
    const first = await threadOf('fine');
    await wait(200);
    expect(await threadOf('fine')).not.toBe(first);
  });

  it('gives chunks one after the other and the result after the last', async () => {
    await open();
    const seen: unknown[] = [];
    const onChunk = async (chunk: unknown): Promise<void> => {
      seen.push(`take ${String(chunk)}`);
      await wait(10);
      seen.push(`took ${String(chunk)}`);
    };
    await pool.run('walk-folder', { root: Buffer.from('stream') }, { onChunk });
    expect(seen).toEqual(['take 0', 'took 0', 'take 1', 'took 1', 'take 2', 'took 2']);
  });

  it('does not count the time a chunk’s taker needs', async () => {
    await open();
    await run('warm');
    const onChunk = () => wait(300);
    const streaming = pool.run('walk-folder', { root: Buffer.from('stream') }, { onChunk, timeoutMs: 200 });
    expect(await streaming).toMatchObject({ what: 'stream' });
  });

  it('rejects an aborted task with the reason, running or waiting, and stays usable', async () => {
    await open();
    const controller = new AbortController();
    const { signal } = controller;
    const onChunk = () => controller.abort(new Error('enough'));
    const running = pool.run('walk-folder', { root: Buffer.from('stream') }, { signal, onChunk });
    const waiting = run('fine', { signal });
    await expect(running).rejects.toThrow('enough');
    await expect(waiting).rejects.toThrow('enough');
    await expect(run('fine', { signal })).rejects.toThrow('enough');
    expect(await run('fine')).toMatchObject({ what: 'fine' });
  });

  it('closes at once, whatever runs or waits', async () => {
    await open();
    await run('warm');
    const tasks = [run('hang'), run('fine'), run('fine')].map((task) =>
      task.catch((error: unknown) => error),
    );
    const started = Date.now();
    await pool.close();
    for (const error of await Promise.all(tasks)) expect(error).toMatchObject({ kind: 'unavailable' });
    expect(Date.now() - started).toBeLessThan(1000);
    await expect(run('fine')).rejects.toMatchObject({ kind: 'unavailable' });
  });
});

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await wait(5);
};
