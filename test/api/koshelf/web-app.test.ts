import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at } from '../../support/clock.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { koreaderChecksum, startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

type Json = Record<string, unknown>;
const INLINE = "document.documentElement.dataset.theme = 'dark';";
const PAGE = `<!doctype html><title>App</title><script>${INLINE}</script><script type="module" src="/core/app-B1x2C3d4.js"></script>`;
const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

describe('a web app in a folder', () => {
  let server: TestServer;
  let root: string;
  let dir: string;
  beforeAll(async () => {
    // A folder below one whose name begins with a dot, as a person's own programs often are.
    root = mkdtempSync(join(tmpdir(), 'web-app-'));
    dir = join(root, '.local', 'app');
    mkdirSync(join(dir, 'core'), { recursive: true });
    for (const name of ['api', 'desk', 'assets', 'docs', 'v1', 'sync']) {
      mkdirSync(join(dir, name));
      writeFileSync(join(dir, name, 'shadow.html'), 'SHADOW');
    }
    writeFileSync(join(dir, 'index.html'), PAGE);
    writeFileSync(join(dir, 'manifest.json'), '{"name":"App"}');
    writeFileSync(join(dir, 'core', 'app-B1x2C3d4.js'), `export const a = '${'long '.repeat(500)}';`);
    writeFileSync(join(dir, 'core', 'font.woff2'), 'font');
    writeFileSync(join(dir, '.env'), 'SECRET');
    writeFileSync(join(root, 'secret.txt'), 'SECRET');
    symlinkSync(join(root, 'secret.txt'), join(dir, 'link.txt'));
    symlinkSync(root, join(dir, 'up'));
    server = await startTestServer({ options: { webApp: dir, koshelfPassword: 'open sesame' } });
  });
  afterAll(async () => {
    await server.close();
    rmSync(root, { recursive: true });
  });

  it('is the page at the root, to be asked for each time', async () => {
    for (const path of ['/', '/index.html', '/books/abc/read?highlight=1', '/settings']) {
      const answer = await server.get(path, { headers: BROWSER });
      expect([path, answer.status, answer.text]).toEqual([path, 200, PAGE]);
      expect(answer.headers['content-type']).toMatch(/^text\/html/);
      expect(answer.headers['cache-control']).toBe('no-cache');
    }
  });

  it('sends its files, those with a hash in their name to be kept', async () => {
    const script = await server.get('/core/app-B1x2C3d4.js', { headers: { 'accept-encoding': 'br' } });
    expect([script.status, script.headers['content-encoding'], script.headers['cache-control']]).toEqual([
      200, 'br', 'public, max-age=31536000, immutable',
    ]); // prettier-ignore
    expect(script.headers['content-type']).toMatch(/javascript/);
    const manifest = await server.get('/manifest.json');
    expect([manifest.json(), manifest.headers['cache-control']]).toEqual([{ name: 'App' }, 'no-cache']);
    const again = await server.get('/manifest.json', {
      headers: { 'if-none-match': manifest.headers.etag! },
    });
    expect(again.status).toBe(304);
    expect((await server.get('/core/font.woff2')).headers['content-type']).toBe('font/woff2');
  });

  it('may run its own scripts, show books in frames of its own, and load nothing from elsewhere', async () => {
    const { headers } = await server.get('/', { headers: BROWSER });
    const policy = String(headers['content-security-policy']);
    const hash = createHash('sha256').update(INLINE).digest('base64');
    expect(policy).toContain(`script-src 'self' blob: 'wasm-unsafe-eval' 'sha256-${hash}';`);
    expect(policy).toContain("frame-src 'self' blob:");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).not.toMatch(/https?:|\*|sandbox/);
  });

  it.each([
    '/link.txt', '/up/secret.txt', '/.env', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/core/..%2f..%2f..%2fsecret.txt',
    '/core%5c..%5c.env', '/%00.html', '/%zz.html', '/core', '/nothing.js', '/core/none.css',
  ])('sends nothing from outside, nothing hidden, nothing that is not there: %s', async (path) => {
    const answer = await server.get(path, { headers: { accept: 'application/json' } });
    expect([answer.status, answer.text.includes('SECRET')]).toEqual([404, false]);
  }); // prettier-ignore

  it.each([
    '/api/shadow.html',
    '/assets/shadow.html',
    '/desk/shadow.html',
    '/desk',
    '/docs/shadow.html',
    '/v1/shadow.html',
    '/api/v1/nothing',
    '/api/nothing',
    '/sync/shadow.html',
    '/desk/api/nothing',
  ])('stands before none of the addresses that are others’: %s', async (path) => {
    const answer = await server.get(path, { headers: BROWSER });
    expect(answer.text).not.toContain('SHADOW');
    expect(answer.text).not.toBe(PAGE);
    expect(answer.status).not.toBe(200);
  });

  it('is read and not written to', async () => {
    expect((await server.get('/books/1', { method: 'POST', body: {} })).status).toBe(404);
    expect((await server.get('/', { method: 'HEAD', headers: BROWSER })).status).toBe(200);
    expect((await server.get('/health')).json()).toMatchObject({ status: 'healthy' });
  });
});

describe('a folder without a web app', () => {
  it('ends the start with a sentence', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'no-app-'));
    await expect(startTestServer({ options: { webApp: empty } })).rejects.toThrow(
      `There is no web app in ${empty}: a built one has an index.html.`,
    );
    rmSync(empty, { recursive: true });
  });
});

describe('what the web app is told to show', () => {
  const read = makeEpub({ title: 'Read' });
  const start = Date.parse('2026-03-10T20:00:00Z') / 1000;
  const statistics = {
    books: [
      { title: 'Read', md5: koreaderChecksum(read), pages: 100 },
      { title: 'Elsewhere', md5: 'e'.repeat(32), pages: 100 },
    ],
    reads: [1, 2].flatMap((book) =>
      Array.from({ length: 10 * book }, (_, page): [number, number, number, number, number] => [
        book, page + 1, start + book * 86_400 + page * 60, 60, 100,
      ]),
    ), // prettier-ignore
  };

  it('is a name, a language and the scale of the heat map', async () => {
    const server = await startTestServer({
      clock: at('2026-03-14T12:00:00Z'),
      options: { title: 'Bücher', language: 'de_DE', heatmapScaleMax: 3600 },
    });
    expect(await server.data('/site')).toMatchObject({ title: 'Bücher', language: 'de_DE' });
    const config = async () => (await server.data<Json>('/reading/summary')).heatmap_config;
    expect(await config()).toEqual({ max_scale_sec: 3600 });
    await server.restart({ heatmapScaleMax: null });
    expect(await config()).toEqual({});
    await server.close();
  });

  it('is reading of books in the library alone, when it is wanted so and there is a library', async () => {
    const server = await startTestServer({
      clock: at('2026-03-14T12:00:00Z'),
      options: { includeAllStats: false },
      statistics,
    });
    const token = await server.claim();
    const papyrus = async (path: string) =>
      (await server.papyrus('GET', path, undefined, token)).json() as { sessions: Json[]; totals: Json };
    const figures = async () => {
      const { overview } = await server.data<{ overview: Json }>('/reading/summary');
      const { totals } = await papyrus('/progress/statistics?period=all');
      const { sessions } = await papyrus('/progress/sessions');
      return [overview.reading_time_sec, overview.sessions, totals.reading_time_minutes, sessions.length];
    };
    // Without a library there is only what was read.
    expect((await figures()).slice(0, 3)).toEqual([1800, 2, 30]);
    server.put({ 'read.epub': read });
    await server.rescan();
    expect(await figures()).toEqual([600, 1, 10, 1]);
    await server.close();
  });
});
