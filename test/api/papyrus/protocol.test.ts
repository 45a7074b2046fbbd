import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeEpub } from '../../support/make-epub.ts';
import { testScenarios } from '../../support/scenario.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

let server: TestServer;
const tokens: Record<'owner' | 'other', string> = { owner: '', other: '' };
let bookId: string;
beforeAll(async () => {
  server = await startTestServer({ files: { 'a.epub': makeEpub({ title: 'A' }) } });
  tokens.owner = await server.claim();
  tokens.other = await server.signUp();
  const { books } = (await server.papyrus('GET', '/books', undefined, tokens.owner)).json() as {
    books: { book_id: string }[];
  };
  bookId = books[0]!.book_id;
});
afterAll(() => server.close());

describe('GET /health and /', () => {
  it('tells that the server is well, to anybody', async () => {
    const answer = await server.get('/health');
    expect([answer.status, answer.json()]).toEqual([200, { status: 'healthy' }]);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('tells what there is', async () => {
    expect((await server.get('/')).json()).toEqual({
      name: 'Papyrus Shelf',
      pages: [
        { name: 'API', path: '/docs' },
        { name: 'Health', path: '/health' },
      ],
    });
  });

  it('answers 404 in JSON for what is nowhere', async () => {
    const answer = await server.get('/nowhere');
    expect([answer.status, answer.json()]).toEqual([
      404,
      { error: { code: 'not_found', message: 'There is nothing here.' } },
    ]);
  });
});

const json = { 'content-type': 'application/json' };

describe.each(['/api/v1', '/v1'])('the Papyrus API under %s', (base) => {
  testScenarios<'owner' | 'other'>(
    () => server,
    (who) => ({ authorization: `Bearer ${tokens[who]}` }),
    [
      { url: `${base}/users/me`, as: 'owner', status: 200 },
      { url: `${base}/users/me`, as: 'other', status: 200 },
      { url: `${base}/books`, as: 'owner', status: 200 },
      { url: `${base}/openapi.json`, status: 200 },
      { url: `${base}/users/me`, status: 401, code: 'UNAUTHORIZED' },
      { url: `${base}/books`, status: 401, code: 'UNAUTHORIZED' },
      { method: 'POST', url: `${base}/books`, body: {}, status: 401, code: 'UNAUTHORIZED' },
      { url: `${base}/books/not-a-uuid`, status: 401, code: 'UNAUTHORIZED' },
      { url: `${base}/books/not-a-uuid`, as: 'owner', status: 400, code: 'VALIDATION_ERROR' },
      { url: `${base}/nothing`, status: 404, code: 'NOT_FOUND' },
      { url: `${base}/nothing`, as: 'owner', status: 404, code: 'NOT_FOUND' },
      { url: `${base}/books/`, as: 'owner', status: 404, code: 'NOT_FOUND' },
      { url: `${base}/Books`, as: 'owner', status: 404, code: 'NOT_FOUND' },
      { url: `${base}/site`, status: 404, code: 'NOT_FOUND' },
      { url: `${base}/items`, status: 404, code: 'NOT_FOUND' },
      { method: 'PUT', url: `${base}/books`, as: 'owner', body: {}, status: 405, code: 'METHOD_NOT_ALLOWED' },
      { url: `${base}/books/%E0%A4%A`, as: 'owner', status: 400, code: 'VALIDATION_ERROR' },
      {
        title: 'answers broken JSON with 400',
        method: 'POST',
        url: `${base}/auth/login`,
        raw: '{"email": ',
        headers: json,
        status: 400,
        code: 'VALIDATION_ERROR',
      },
      {
        title: 'answers JSON that is no object with 400',
        method: 'POST',
        url: `${base}/auth/login`,
        raw: '"text"',
        headers: json,
        status: 400,
        code: 'VALIDATION_ERROR',
      },
      {
        title: 'answers a missing body with 400',
        method: 'POST',
        url: `${base}/auth/login`,
        headers: json,
        status: 400,
        code: 'VALIDATION_ERROR',
      },
      {
        title: 'answers a body of another type with 400',
        method: 'POST',
        url: `${base}/auth/login`,
        raw: 'email=a&password=b',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        status: 400,
        code: 'VALIDATION_ERROR',
      },
      {
        title: 'answers a body that is too large with 413',
        method: 'POST',
        url: `${base}/auth/login`,
        body: { email: 'x'.repeat(3_000_000) },
        status: 413,
        code: 'FILE_TOO_LARGE',
      },
      {
        title: 'answers an encoding it does not know with 415',
        method: 'POST',
        url: `${base}/auth/login`,
        raw: '{}',
        headers: { ...json, 'content-encoding': 'zstd-ish' },
        status: 415,
        code: 'UNSUPPORTED_MEDIA_TYPE',
      },
      {
        title: 'answers a packed body that is none with 400',
        method: 'POST',
        url: `${base}/auth/login`,
        raw: '{}',
        headers: { ...json, 'content-encoding': 'gzip' },
        status: 400,
        code: 'VALIDATION_ERROR',
      },
      {
        title: 'answers a character set it does not know with 415',
        method: 'POST',
        url: `${base}/auth/login`,
        raw: '{}',
        headers: { 'content-type': 'application/json; charset=klingon' },
        status: 415,
        code: 'UNSUPPORTED_MEDIA_TYPE',
      },
    ],
  );

  it('lets web apps of any origin in: the token is the guard, no cookie', async () => {
    const headers = { origin: 'https://app.example.org', authorization: `Bearer ${tokens.owner}` };
    for (const path of ['/books', '/nothing', '/users/me']) {
      const answer = await server.get(base + path, { headers });
      expect(answer.headers['access-control-allow-origin']).toBe('*');
      expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
      expect(answer.headers['access-control-expose-headers']).toContain('Retry-After');
    }
    const preflight = await server.get(`${base}/books`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.example.org',
        'access-control-request-method': 'PATCH',
        'access-control-request-headers': 'authorization, content-type, x-user-agent',
      },
    });
    expect([preflight.status, preflight.text]).toEqual([204, '']);
    expect(preflight.headers['access-control-allow-methods']!.split(', ')).toEqual(
      expect.arrayContaining(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
    );
    expect(preflight.headers['access-control-allow-headers']!.toLowerCase().split(', ')).toEqual(
      expect.arrayContaining(['authorization', 'content-type', 'accept', 'x-user-agent']),
    );
  });
});

describe('a book of somebody else', () => {
  const missing = '00000000-0000-7000-8000-000000000000';
  const asked = [
    { method: 'GET' },
    { method: 'PATCH', body: { title: 'Mine' } },
    { method: 'DELETE' },
  ] as const;

  it.each(asked)('is answered to $method exactly as one that is not there', async ({ method, ...rest }) => {
    const ask = (id: string) =>
      server.papyrus(method, `/books/${id}`, 'body' in rest ? rest.body : undefined, tokens.other);
    const [foreign, none] = [await ask(bookId), await ask(missing)];
    expect(foreign.status).toBe(404);
    expect(foreign.text.replace(bookId, missing)).toBe(none.text);
  });

  it('is untouched afterwards and in no list', async () => {
    const mine = await server.papyrus('GET', `/books/${bookId}`, undefined, tokens.owner);
    expect(mine.json()).toMatchObject({ title: 'A' });
    const list = await server.papyrus('GET', '/books', undefined, tokens.other);
    expect(list.json()).toEqual({
      books: [],
      pagination: { page: 1, limit: 20, total: 0, total_pages: 0, has_next: false, has_prev: false },
    });
  });
});
