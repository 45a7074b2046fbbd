import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testScenarios } from '../../support/scenario.ts';
import { at } from '../../support/clock.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';
import { shelf, shelfReading } from './shelf.ts';
import type { Item, ItemAnswer } from './shelf.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({
    clock: at('2026-03-14T12:00:00.123Z'),
    files: shelf,
    statistics: shelfReading,
    options: { koshelfDialect: 'koshelf-2026.7', koshelfPassword: 'open sesame' },
  });
});
afterAll(() => server.close());
const none = () => ({});

describe('the KoShelf API', () => {
  let open: TestServer;
  beforeAll(async () => {
    open = await startTestServer({ files: shelf, statistics: shelfReading });
  });
  afterAll(() => open.close());

  testScenarios(() => open, none, [
    { url: '/api/nothing', status: 404, code: 'not_found', message: 'requested resource was not found' },
    { url: '/api', status: 404, code: 'not_found' },
    { url: '/api/items/', status: 404, code: 'not_found' },
    { url: '/api/site/', status: 404, code: 'not_found' },
    { url: '/api/Site', status: 404, code: 'not_found' },
    { method: 'POST', url: '/api/items', status: 405, code: 'method_not_allowed' },
    { method: 'PATCH', url: '/api/items/x', body: { rating: 3 }, status: 404, code: 'not_found' },
    { method: 'POST', url: '/api/auth/login', body: { password: 'x' }, status: 404, code: 'not_found' },
    { method: 'POST', url: '/api/auth/logout', status: 404, code: 'not_found' },
    { url: '/assets/other', status: 404, code: 'not_found' },
    {
      title: 'answers JSON that is none with 400',
      method: 'POST',
      url: '/api/auth/login',
      raw: '{"password":',
      headers: { 'content-type': 'application/json' },
      status: 400,
      code: 'invalid_query',
    },
  ]);

  it.each(['/api/site', '/api/items', '/api/nothing', '/assets/covers/x.webp'])(
    'sends %s with headers that keep browsers from doing anything with it',
    async (path) => {
      expect((await open.get(path)).headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'strict-origin-when-cross-origin',
        'content-security-policy': expect.stringContaining("default-src 'none'"),
      });
    },
  );

  it('lets no page of another origin read its answers', async () => {
    const answer = await open.get('/api/items', { headers: { origin: 'https://example.org' } });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    const preflight = await open.get('/api/items', {
      method: 'OPTIONS',
      headers: { origin: 'https://example.org', 'access-control-request-method': 'GET' },
    });
    expect(preflight.headers['access-control-allow-origin']).toBeUndefined();
  });

  it.each(['/site', '/items', '/items?sort=rating'])(
    'answers HEAD of %s like GET without a body',
    async (path) => {
      const [get, head] = [await open.koshelf(path), await open.koshelf(path, { method: 'HEAD' })];
      expect([head.status, head.text, head.headers['content-type']]).toEqual([
        200,
        '',
        get.headers['content-type'],
      ]);
      expect(head.headers.etag).toBe(get.headers.etag);
    },
  );

  it('shows progress of 0 to 100, counts in the detail, and whether it is locked', async () => {
    const { items } = await open.data<{ items: Item[] }>('/items?sort=progress');
    expect(items.slice(0, 4).map((item) => item.progress_percentage)).toEqual([100, 90, 50, 25]);
    const { item } = await open.data<ItemAnswer>(`/items/${items[0]!.id}`);
    expect(item).toMatchObject({ progress_percentage: 100, annotation_count: 3 });
    expect((await open.data<{ capabilities: object }>('/site')).capabilities).toMatchObject({
      auth_enabled: false,
    });
  });
});

describe('the dialect of KoShelf 2026.7', () => {
  it('shows progress of 0 to 1, no counts in the detail, and the lock as an object', async () => {
    const login = await server.koshelf('/auth/login', { method: 'POST', body: { password: 'open sesame' } });
    const headers = { cookie: login.headers['set-cookie']![0]!.split(';')[0] };
    const { items } = await server.data<{ items: Item[] }>('/items?sort=progress', { headers });
    expect(items.slice(0, 4).map((item) => item.progress_percentage)).toEqual([1, 0.9, 0.5, 0.25]);
    expect(items[0]).toMatchObject({ annotation_count: 3 });
    const { item } = await server.data<ItemAnswer>(`/items/${items[0]!.id}`, { headers });
    expect(item).toMatchObject({ progress_percentage: 1 });
    expect(item).not.toHaveProperty('annotation_count');
    const site = { title: 'Papyrus Shelf', language: 'en_US' };
    const capabilities = {
      has_books: true,
      has_comics: true,
      has_reading_data: true,
      has_files: true,
      auth_enabled: true,
      has_writeback: false,
    };
    const auth = { authenticated: false, password_policy: { min_chars: 8 } };
    expect(await server.data('/site')).toEqual({ ...site, capabilities, auth });
    expect(await server.data('/site', { headers })).toEqual({
      ...site,
      capabilities,
      auth: { ...auth, authenticated: true },
    });
  });
});
