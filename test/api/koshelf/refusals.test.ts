// Whatever is asked wrongly is answered in the envelope of errors, in words.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at } from '../../support/clock.ts';
import type { Asked } from '../../support/client.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';
import { shelf, shelfReading } from './shelf.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const NOT_FOUND = 'requested resource was not found';
let id = '';

type Row = [method: string, path: string, status: number, code: string, message: string, asked?: Asked];
const get = (path: string, message: string, status = 400, code = 'invalid_query'): Row => [
  'GET',
  path,
  status,
  code,
  message,
];
const patch = (
  raw: string | Uint8Array,
  message: string,
  headers: Asked['headers'] = JSON_TYPE,
  status = 400,
): Row => [
  'PATCH',
  '/api/items/ID',
  status,
  'invalid_query',
  message,
  { raw, ...(headers === undefined ? {} : { headers }) },
];

const OBJECT = 'the request body must be a JSON object';
const JSON_ONLY = 'the request body must be JSON, sent as application/json';
const NO_JSON = 'The request body is not valid JSON.';
const rows: Row[] = [
  // Addresses that are none.
  ...['/api/items/%E0%A4%A', '/api/items/%', '/assets/covers/%ff'].map((path) =>
    get(path, 'The address is not valid.'),
  ),
  ...['/api', '/api/', '/api/nothing', '/api/%zz', '/api/items/', '/api/items/%00', '/api/reading', '/api/reading/', '/api/reading/summary/']
    .map((path) => get(path, NOT_FOUND, 404, 'not_found')), // prettier-ignore
  get(`/api/items/${'x'.repeat(9_000)}`, NOT_FOUND, 404, 'not_found'),
  ...['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((method): Row => [
    method,
    '/api/reading/summary',
    405,
    'method_not_allowed',
    `This address does not take ${method} requests.`,
  ]),
  [
    'OPTIONS',
    '/assets/covers/x.webp',
    405,
    'method_not_allowed',
    'This address does not take OPTIONS requests.',
  ],

  // A name that is there twice.
  get('/api/items?scope=all&scope=all', 'scope must be one of: all, books, comics'),
  ...[
    'tz=UTC&tz=UTC',
    'from=2026-01-01&from=2026-01-02&to=2026-02-01',
    'from=2026-01-01&to=2026-01-02&to=2026-02-01',
  ].map((query) =>
    get(
      `/api/reading/summary?${query}`,
      `${query.startsWith('tz') ? 'tz' : query.includes('to=2026-01-02') ? 'to' : 'from'} must be given once`,
    ),
  ),
  get('/api/reading/metrics?metric=sessions&metric=sessions&group_by=day', 'metric must be given once'),
  get('/api/reading/metrics?metric=sessions&group_by=day&group_by=day', 'group_by must be given once'),
  get(
    '/api/reading/available-periods?source=completions&source=completions&group_by=year',
    'source must be given once',
  ),
  get('/api/reading/calendar?month=2026-01&month=2026-01', 'month must be given once'),
  get('/api/reading/completions?year=2026&year=2026', 'year must be given once'),
  get('/api/reading/completions?include=summary&include=summary', 'include must be given once'),
  get('/api/reading/completions?group_by=none&group_by=none', 'group_by must be given once'),
  get('/api/items/ID?include=all&include=all', 'include must be given once'),
  get('/api/items/ID/page-activity?completion=0&completion=0', 'completion must be given once'),

  // Zones and days.
  ...['Mars/Olympus', 'Europe/../UTC', '+01:00', 'Europe/Berlin ', 'x'.repeat(5_000)].map((zone) =>
    get(
      `/api/reading/summary?tz=${encodeURIComponent(zone)}`,
      `'tz' must be a valid IANA timezone (e.g. 'America/New_York'), got '${zone}'`,
    ),
  ),
  get('/api/reading/summary?from=&to=', "'from' must be a valid date in YYYY-MM-DD format"),
  get(
    '/api/reading/summary?from=10000-01-01&to=10000-01-02',
    "'from' must be a valid date in YYYY-MM-DD format",
  ),
  get('/api/reading/completions?from=2026-01-01', "'from' and 'to' must be provided together"),
  get('/api/reading/calendar?month=', "'month' is required"),
  get('/api/reading/calendar?month=10000-01', "'month' must be in YYYY-MM format", 400, 'invalid_month_key'),
  ...['', '026', 'abcd', '0000', '20260', '-026', '٢٠٢٦'].map((year) =>
    get(
      `/api/reading/completions?year=${encodeURIComponent(year)}`,
      "'year' must be a valid four-digit year",
      400,
      'invalid_year',
    ),
  ),
  ...['day', 'week'].map((grouping) =>
    get(
      `/api/reading/metrics?metric=sessions&group_by=${grouping}&from=0000-01-01&to=9999-12-31`,
      `'from' and 'to' are too far apart for group_by '${grouping}'`,
    ),
  ),

  // Bodies.
  patch('{"rating":4}', JSON_ONLY, { 'content-type': 'text/plain' }, 415),
  patch('rating=4', JSON_ONLY, { 'content-type': 'application/x-www-form-urlencoded' }, 415),
  patch('{"rating":4}', JSON_ONLY, {}, 415),
  patch('', OBJECT),
  patch('[]', OBJECT),
  patch('[{"rating":4}]', OBJECT),
  ...['"x"', 'null', '4', '{"rating":', '{rating:4}', '\u{feff}{', '{"rating":4}{'].map((raw) =>
    patch(raw, NO_JSON),
  ),
  patch('{}', NO_JSON, { 'content-type': 'application/json', 'content-encoding': 'gzip' }),
  patch(
    '{}',
    'The request is in an encoding this server does not read.',
    { 'content-type': 'application/json; charset=koi8-r' },
    415,
  ),
  patch(`{"review_note":"${'x'.repeat(10_000_000)}"}`, 'The request is too large.', JSON_TYPE, 413),
  ...['"4"', '-1', '6', '3.5', '[]', '{}', 'true', '1e400'].map((rating) =>
    patch(`{"rating":${rating}}`, 'rating must be between 0 and 5 (0 clears the rating)'),
  ),
  ...['"x"', '1', '""', '["reading"]'].map((status) =>
    patch(`{"status":${status}}`, 'status must be one of: reading, complete, abandoned'),
  ),
];

describe.each(['reference', 'koshelf-2026.7'] as const)('what %s refuses', (koshelfDialect) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({
      clock: at('2026-03-14'),
      files: shelf,
      statistics: shelfReading,
      options: { koshelfDialect, writeback: true },
    });
    const { items } = await server.data<{ items: { id: string }[] }>('/items?sort=rating');
    id = items[0]?.id ?? '';
  });
  afterAll(() => server.close());

  it.each(
    rows.map(
      (row) => [`${row[0]} ${row[1]}`.slice(0, 90), String(row[5]?.raw ?? '').slice(0, 30), row] as const,
    ),
  )('%s %s', async (_title, _body, [method, path, status, code, message, asked]) => {
    const answer = await server.get(path.replace('ID', id), { method, ...asked });
    const ownCode = code.startsWith('invalid_') && koshelfDialect !== 'reference' ? 'invalid_query' : code;
    expect([answer.status, answer.headers['content-type']]).toEqual([
      status,
      'application/json; charset=utf-8',
    ]);
    expect(answer.json()).toEqual({ error: { code: ownCode, message } });
  });

  it.each([
    'summary?from=0000-01-01&to=9999-12-31',
    'summary?tz=',
    'summary?tz=US/Eastern',
    'metrics?metric=sessions&group_by=week&from=9999-12-27&to=9999-12-31',
    'metrics?metric=sessions&group_by=week&from=0000-01-01&to=0000-01-20',
    'metrics?metric=sessions&group_by=year&from=0000-01-01&to=9999-12-31',
    'metrics?metric=sessions&group_by=total&from=0000-01-01&to=9999-12-31',
    'available-periods?source=reading_data&group_by=week&from=0000-01-01&to=9999-12-31',
    'calendar?month=0000-01',
    'calendar?month=9999-12',
    'completions?year=0001&include=summary',
    'completions?year=9999&include=summary,share_assets',
    'completions?from=0000-01-01&to=9999-12-31&include=summary',
  ])('is not %s, at the ends of the calendar', async (path) => {
    expect((await server.koshelf(`/reading/${path}`)).status).toBe(200);
  });

  it('is no change of a type that is JSON by another name', async () => {
    const headers = { 'content-type': 'application/merge-patch+json; charset=utf-8' };
    const answer = await server.koshelf(`/items/${id}`, { method: 'PATCH', raw: '{"rating":4}', headers });
    expect([answer.status, answer.text]).toEqual([204, '']);
  });
});
