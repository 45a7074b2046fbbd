import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import type { ErrorRequestHandler } from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../../server/base/errors.ts';
import { parseRange, sendFile } from '../../../server/http/downloads.ts';
import type { Download } from '../../../server/http/downloads.ts';

const TEXT = 'Call me Ishmael.';
const MODIFIED = 'Sat, 14 Mar 2026 12:00:00 GMT';

let dir: string;
let server: Server;
let url: string;
let download: Download;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'shelf-download-'));
  writeFileSync(join(dir, 'book'), TEXT);
  // Half a second past: the header has whole seconds.
  utimesSync(join(dir, 'book'), new Date(Date.parse(MODIFIED) + 500), new Date(Date.parse(MODIFIED) + 500));
  writeFileSync(join(dir, 'empty'), '');
  mkdirSync(join(dir, 'folder'));
  const app = express();
  app.set('etag', false);
  app.get('/', async (req, res) => {
    await sendFile(req, res, download);
  });
  const onError: ErrorRequestHandler = (error, _req, res, _next) => {
    res.status(error instanceof AppError && error.kind === 'not_found' ? 404 : 500).end();
  };
  app.use(onError);
  server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(dir, { recursive: true });
});

async function ask(headers: Record<string, string> = {}, of: Partial<Download> & { method?: string } = {}) {
  const { method = 'GET', ...given } = of;
  download = { path: join(dir, 'book'), contentType: 'application/epub+zip', what: 'file', ...given };
  const answer = await fetch(url, { method, headers });
  const body = await answer.text();
  return { status: answer.status, body, header: (name: string) => answer.headers.get(name) };
}
const etagOf = async () => (await ask()).header('etag') ?? '';

describe('sending a file', () => {
  it('sends all of it, with what a client needs to ask again', async () => {
    const answer = await ask();
    expect([answer.status, answer.body]).toEqual([200, TEXT]);
    expect(answer.header('content-type')).toBe('application/epub+zip');
    expect(answer.header('content-length')).toBe(String(TEXT.length));
    expect(answer.header('accept-ranges')).toBe('bytes');
    expect(answer.header('last-modified')).toBe(MODIFIED);
    expect(answer.header('etag')).toMatch(/^"[\w-]+"$/);
    expect(answer.header('cache-control')).toBe('private, no-cache');
    expect(answer.header('content-disposition')).toBeNull();
  });

  it('says what never changes under its address', async () => {
    expect((await ask({}, { immutableSec: 60 })).header('cache-control')).toBe(
      'private, max-age=60, immutable',
    );
  });

  it.each([
    ['Emma.epub', "attachment; filename*=UTF-8''Emma.epub"],
    [
      "Émile (1762) 'vol' *.epub",
      "attachment; filename*=UTF-8''%C3%89mile%20%281762%29%20%27vol%27%20%2A.epub",
    ],
    ['a"b\r\nSet-Cookie: x.epub', "attachment; filename*=UTF-8''a%22b%0D%0ASet-Cookie%3A%20x.epub"],
    ['broken \ud800.epub', "attachment; filename*=UTF-8''broken%20%EF%BF%BD.epub"],
  ])('names the file %j safely', async (fileName, header) => {
    expect((await ask({}, { fileName })).header('content-disposition')).toBe(header);
  });

  it('sends the same headers and no body to HEAD', async () => {
    const answer = await ask({}, { method: 'HEAD' });
    expect([answer.status, answer.body, answer.header('content-length')]).toEqual([
      200,
      '',
      String(TEXT.length),
    ]);
  });

  it('sends an empty file', async () => {
    const answer = await ask({}, { path: join(dir, 'empty') });
    expect([answer.status, answer.body, answer.header('content-length')]).toEqual([200, '', '0']);
  });

  it('takes a path of bytes', async () => {
    expect((await ask({}, { path: Buffer.from(join(dir, 'book')) })).body).toBe(TEXT);
  });

  it.each(['gone', 'folder'])('knows no file where there is a %s', async (name) => {
    const answer = await ask({}, { path: join(dir, name) });
    expect(answer.status).toBe(404);
  });
});

describe('a conditional request', () => {
  const later = 'Sat, 14 Mar 2026 12:00:01 GMT';
  const earlier = 'Sat, 14 Mar 2026 11:59:59 GMT';

  it.each([
    ['If-None-Match', 'ETAG', 304],
    ['If-None-Match', 'W/ETAG', 304],
    ['If-None-Match', '"other", ETAG', 304],
    ['If-None-Match', '*', 304],
    ['If-None-Match', '"other"', 200],
    ['If-Modified-Since', MODIFIED, 304],
    ['If-Modified-Since', later, 304],
    ['If-Modified-Since', earlier, 200],
    ['If-Modified-Since', 'yesterday', 200],
    ['If-Match', 'ETAG', 200],
    ['If-Match', '*', 200],
    ['If-Match', '"other"', 412],
    ['If-Match', 'W/ETAG', 412],
    ['If-Unmodified-Since', MODIFIED, 200],
    ['If-Unmodified-Since', earlier, 412],
    ['If-Unmodified-Since', 'yesterday', 200],
  ])('%s: %s is answered with %i', async (name, value, status) => {
    const answer = await ask({ [name]: value.replace('ETAG', await etagOf()) });
    expect([answer.status, answer.body]).toEqual([status, status === 200 ? TEXT : '']);
  });

  it('believes the tag rather than the time', async () => {
    expect((await ask({ 'If-None-Match': '"other"', 'If-Modified-Since': later })).status).toBe(200);
    expect((await ask({ 'If-Match': await etagOf(), 'If-Unmodified-Since': earlier })).status).toBe(200);
  });

  it('is decided before its range', async () => {
    expect((await ask({ 'If-None-Match': await etagOf(), Range: 'bytes=0-3' })).status).toBe(304);
  });

  it('says the tag with a 304', async () => {
    const etag = await etagOf();
    expect((await ask({ 'If-None-Match': etag })).header('etag')).toBe(etag);
  });
});

describe('a range', () => {
  it.each([
    ['bytes=0-3', 'Call', 'bytes 0-3/16'],
    ['bytes=8-', 'Ishmael.', 'bytes 8-15/16'],
    ['bytes=-1', '.', 'bytes 15-15/16'],
    ['bytes=-99', TEXT, 'bytes 0-15/16'],
    ['bytes=8-99', 'Ishmael.', 'bytes 8-15/16'],
    ['Bytes= 0-0 ', 'C', 'bytes 0-0/16'],
  ])('%s is that part', async (range, body, header) => {
    const answer = await ask({ Range: range });
    expect([answer.status, answer.body, answer.header('content-range')]).toEqual([206, body, header]);
    expect(answer.header('content-length')).toBe(String(body.length));
  });

  it.each(['bytes=16-', 'bytes=99-100', 'bytes=-0', 'bytes=5-2', 'bytes=-', 'bytes=a-b', 'bytes=0-1,3-4'])(
    '%s cannot be had',
    async (range) => {
      const answer = await ask({ Range: range });
      expect([answer.status, answer.body, answer.header('content-range')]).toEqual([416, '', 'bytes */16']);
    },
  );

  it('in another unit is left out of account', async () => {
    expect((await ask({ Range: 'pages=1-2' })).status).toBe(200);
  });

  it('is sent only while the file is the one the client knows', async () => {
    const etag = await etagOf();
    const status = async (ifRange: string) => (await ask({ Range: 'bytes=0-3', 'If-Range': ifRange })).status;
    expect(await status(etag)).toBe(206);
    expect(await status('"other"')).toBe(200);
    expect(await status(`W/${etag}`)).toBe(200);
    expect(await status(MODIFIED)).toBe(206);
    expect(await status('Sat, 14 Mar 2026 12:00:01 GMT')).toBe(200);
  });

  it('of an empty file cannot be had', () => {
    expect(parseRange('bytes=0-', 0)).toBe('unsatisfiable');
    expect(parseRange('bytes=-5', 0)).toBe('unsatisfiable');
  });
});
