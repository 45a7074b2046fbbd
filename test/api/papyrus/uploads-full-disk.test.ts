// Uploads to a disk that takes no more: a sentence for the person, nothing left behind, and the next one works.
import { randomBytes } from 'node:crypto';
import fs, { existsSync, readdirSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Refusal } from '../../support/client.ts';
import { formOf } from '../../support/form.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startTestServer();
  token = await server.claim();
});
afterAll(() => server.close());

const real = {
  createWriteStream: fs.createWriteStream,
  link: fs.promises.link,
  write: fs.write,
  statfs: fs.promises.statfs,
};
afterEach(() => {
  fs.promises.statfs = real.statfs;
  fs.createWriteStream = real.createWriteStream;
  fs.promises.link = real.link;
  syncBuiltinESMExports();
});
const full = (call: string): Error =>
  Object.assign(new Error(`ENOSPC: no space left on device, ${call}`), { code: 'ENOSPC', syscall: call });

/** From now on files of uploads end after so many bytes, as on a disk with so much room. */
function leaveRoom(bytes: number): void {
  let left = bytes;
  const write = (
    fd: number,
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number | null,
    done: (error: Error | null, written?: number) => void,
  ): void => {
    if (left <= 0) {
      done(full('write'));
      return;
    }
    const part = Math.min(left, length);
    left -= part;
    real.write(fd, buffer, offset, part, position, done);
  };
  fs.createWriteStream = ((path: string, options: object) =>
    real.createWriteStream(path, { ...options, fs: { open: fs.open, close: fs.close, write } })) as never;
  syncBuiltinESMExports();
}
/** From now on the folder of kept files takes no new names. */
function refuseNames(): void {
  fs.promises.link = () => Promise.reject(full('link'));
  syncBuiltinESMExports();
}
/** From now on the disk says that it is a gigabyte large and has so much room. */
function sayRoom(bytes: number): void {
  const says = { bsize: 4096, blocks: 2 ** 18, bavail: Math.floor(bytes / 4096) };
  fs.promises.statfs = (() => Promise.resolve(says)) as never;
  syncBuiltinESMExports();
}

let count = 0;
const send = (path: string, fields: Record<string, string> = {}, more = ''): Promise<Answer> => {
  // Larger than what is gathered in memory before it is written.
  const text = Array.from({ length: 20_000 }, (_, n) => (n * 7919 + count).toString(36)).join(' ');
  const chapters = [{ title: 'One', text: text + more }];
  const bytes = makeEpub({ title: `Book ${(count += 1)}`, authors: ['A'], chapters });
  const form = formOf({ name: 'a.epub', bytes }, fields);
  return server.get(`/api/v1${path}`, {
    method: 'POST',
    ...form,
    headers: { ...form.headers, authorization: `Bearer ${token}` },
  });
}; // prettier-ignore
const filesBelow = (name: string): string[] => {
  const dir = join(server.dataDir, name);
  return existsSync(dir)
    ? readdirSync(dir, { recursive: true, withFileTypes: true })
        .filter((each) => each.isFile())
        .map((each) => each.name)
    : [];
};
const used = async () => (await server.papyrus('GET', '/media/usage', undefined, token)).json();

describe('a disk that is full', () => {
  it.each([
    ['after a part of the file', () => leaveRoom(1000)],
    ['before its first byte', () => leaveRoom(0)],
    ['when it is to get its name', refuseNames],
  ])('%s refuses the upload in a sentence and keeps nothing of it', async (_, fill) => {
    const book = ((await server.papyrus('POST', '/books', { title: 'T', author: 'A' }, token)).json() as { book_id: string }).book_id; // prettier-ignore
    const media = { book_id: book, kind: 'book_file' };
    const before = [filesBelow('files'), await used()];
    for (const [path, fields] of [['/files/upload', {}], ['/media', media]] as const) {
      fill();
      const answer = await send(path, fields);
      expect([path, answer.status, answer.json()]).toMatchObject([
        path,
        503,
        { error: { code: 'SERVICE_UNAVAILABLE', message: 'The disk is full. Make some room and try again.' } },
      ] satisfies [string, number, Refusal]);
    } // prettier-ignore
    expect([filesBelow('files'), await used()]).toEqual(before);
    expect(filesBelow('staging')).toEqual([]);
    const shown = (await server.papyrus('GET', `/books/${book}`, undefined, token)).json();
    expect(shown).toMatchObject({ file_path: null, file_hash: null });
  });

  it.each([0, 1000, 500_000])(
    'is answered at once while the file still comes, after %i bytes',
    async (room) => {
      // What comes after the trouble is more than all the buffers on the way hold.
      const more = randomBytes(3_000_000).toString('base64');
      // Every time: a connection that is closed while the file comes would lose the answer now and then.
      for (let time = 1; time <= 5; time += 1) {
        leaveRoom(room);
        expect((await send('/files/upload', {}, more)).status).toBe(503);
      }
      expect(filesBelow('staging')).toEqual([]);
    },
  );

  it('leaves a twentieth of the disk to the library file', async () => {
    const least = (2 ** 30 * 5) / 100;
    sayRoom(least - 4096);
    const answer = await send('/files/upload');
    expect([answer.status, answer.json()]).toMatchObject([
      503,
      {
        error: {
          message: "The server's disk is nearly full. Make some room there and send the file again.",
        },
      },
    ]);
    sayRoom(least + 2_000_000);
    expect((await send('/files/upload')).status).toBe(201);
    expect((await send('/files/upload', {}, randomBytes(3_000_000).toString('base64'))).status).toBe(503);
  });

  it('takes the next upload when there is room again', async () => {
    refuseNames();
    expect((await send('/files/upload')).status).toBe(503);
    fs.promises.link = real.link;
    syncBuiltinESMExports();
    expect((await send('/files/upload')).status).toBe(201);
  });
});
