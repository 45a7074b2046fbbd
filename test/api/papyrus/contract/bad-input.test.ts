// Everything the schemas forbid is sent to every operation: the answer is always the contract's envelope.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operationName } from './facts.ts';
import { violationsOf } from './violations.ts';
import { WALK } from './walk.ts';
import { openWorld } from './world.ts';
import type { World } from './world.ts';
import { readdirSync } from 'node:fs';
import type { Answer } from '../../../support/client.ts';
import { formOf } from '../../../support/form.ts';
import { makeEpub } from '../../../support/make-epub.ts';

type Document = {
  paths: Record<
    string,
    Record<string, { requestBody?: { content: Record<string, { schema: Record<string, unknown> }> } }>
  >;
  components: { schemas: Record<string, Record<string, unknown>> };
};
type Sent = { method: string; path: string; body: unknown };

let world: World;
let document: Document;
beforeAll(async () => {
  world = await openWorld();
  document = (await world.server.get('/api/v1/openapi.json')).json() as Document;
});
afterAll(() => world.close());

/** Passes the walk's call on and notes the last one. */
async function sentBy(name: string): Promise<Sent | undefined> {
  let sent: Sent | undefined;
  await WALK[name]![1]({
    ...world,
    call: (method, path, body) => {
      sent = { method, path, body };
      return world.call(method, path, body);
    },
  });
  return sent;
}

const bodySchemaOf = (name: string) => {
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods))
      if (operationName(method, path) === name)
        return operation.requestBody?.content['application/json']?.schema;
  }
  return undefined;
};

/** What is wrong with a refusal; undefined when it is as documented. */
function flawOf(answer: Answer, statuses: readonly number[]): string | undefined {
  if (!statuses.includes(answer.status)) return `status ${answer.status}: ${answer.text.slice(0, 200)}`;
  if (!(answer.headers['content-type'] ?? '').startsWith('application/json')) return 'no JSON';
  const { error } = answer.json() as { error?: { code?: unknown; message?: unknown } };
  if (typeof error?.code !== 'string' || typeof error.message !== 'string') return 'not the envelope';
  return /\bat .*\.[jt]s:\d+|node_modules|SQLITE_/.test(answer.text) ? 'tells of its insides' : undefined;
}

const isRejected = (answer: Answer): boolean => {
  const { accepted, rejected } = answer.json() as { accepted?: unknown[]; rejected?: unknown[] };
  return answer.status === 200 && accepted?.length === 0 && rejected?.length === 1;
};

describe('a body against its schema', () => {
  it.each(Object.keys(WALK).filter((name) => !name.startsWith('GET ')))(
    'is refused by %s in every field',
    async (name) => {
      const schema = bodySchemaOf(name);
      if (schema === undefined) return;
      const good = await sentBy(name);
      if (good === undefined) return;
      const flaws: string[] = [];
      for (const { what, body } of violationsOf(schema, good.body ?? {}, document.components.schemas)) {
        const answer = await world.call(good.method, good.path, body);
        // A change that is wrong is rejected by itself.
        if (what.startsWith('changes = [') && isRejected(answer)) continue;
        const flaw = flawOf(answer, [400]);
        if (flaw !== undefined) flaws.push(`${what}: ${flaw}`);
      }
      expect(flaws).toEqual([]);
    },
  );
});

describe('bytes that are no good JSON', () => {
  // Signing out needs no body, and would end the session that asks.
  const names = Object.keys(WALK).filter((name) => !name.startsWith('GET ') && name !== 'POST /auth/logout');
  const json = { 'content-type': 'application/json' };
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  const bodies: [string, { raw: string | Uint8Array; headers: Record<string, string> }, number[]][] = [
    ['cut', { raw: '{"title":', headers: json }, [400]],
    ['deep', { raw: deep, headers: json }, [400]],
    [
      'broken UTF-8',
      { raw: Buffer.from([0x7b, 0x22, 0x74, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), headers: json },
      [400],
    ],
    ['of another type', { raw: '<a/>', headers: { 'content-type': 'text/xml' } }, [400, 415]],
    [
      'in an unknown charset',
      { raw: '{}', headers: { 'content-type': 'application/json; charset=x-none' } },
      [400, 415],
    ],
    ['said to be packed', { raw: '{}', headers: { ...json, 'content-encoding': 'gzip' } }, [400, 415]],
  ];
  for (const [what, asked, statuses] of bodies) {
    it(`${what}: are refused everywhere a body is read`, async () => {
      const flaws: string[] = [];
      for (const name of names) {
        const schema = bodySchemaOf(name);
        if (schema === undefined) continue;
        const path = name
          .slice(name.indexOf(' ') + 1)
          .replaceAll('{}', '00000000-0000-4000-8000-000000000000');
        const answer = await world.send(path, { method: name.split(' ')[0]!, ...asked });
        // Where a body is optional or its fields are, one of another type is none.
        const flaw = flawOf(answer, [...statuses, 404]);
        if (flaw !== undefined) flaws.push(`${name}: ${flaw}`);
      }
      expect(flaws).toEqual([]);
    });
  }

  it('of 100 MB are refused before they are read whole', async () => {
    const before = process.memoryUsage().rss;
    const answer = await world
      .send('/books', { method: 'POST', raw: Buffer.alloc(100_000_000, 0x20), headers: json })
      .catch((error: NodeJS.ErrnoException) => error.code);
    // The server may close the connection while the client still writes.
    if (typeof answer === 'object') expect(flawOf(answer, [413])).toBeUndefined();
    else expect(answer).toMatch(/EPIPE|ECONNRESET/);
    expect(process.memoryUsage().rss - before).toBeLessThan(250_000_000);
  });
});

describe('a path or a query that cannot be', () => {
  it.each([
    '/books/%zz',
    '/books/%00',
    '/books/%ff%fe',
    '/books/..%2f..%2fetc%2fpasswd',
    '/nothing/at/all',
    '/books?page=0',
    '/books?page=1&page=2',
    '/books?limit=101',
    '/books?limit=1e2',
    '/books?sort=nonsense',
    '/books?status=nonsense',
    '/books?is_favorite=yes',
    '/books?query=rating%3A(',
    '/books?shelf_id=x',
    '/annotations?from=2026-02-30',
    '/progress/statistics?period=custom',
    '/progress/statistics?start_date=2026-02-02&end_date=2026-01-01',
    '/progress/sessions?start_date=x',
    '/sync/changes',
    '/sync/changes?since=x',
    '/sync/changes?since=2026-01-01T00:00:00Z&entity_types=nonsense',
    '/goals?is_active=1',
    '/files/download/..%2f..%2fcatalogue.sqlite3',
    '/media/x',
  ])('%s is answered in the envelope', async (path) => {
    expect(flawOf(await world.call('GET', path), [400, 404])).toBeUndefined();
  });
});

describe('a form that is none', () => {
  const file = { name: 'a.epub', bytes: makeEpub({ title: 'A', authors: ['B'] }) };
  const longName = `${'x'.repeat(5000)}.epub`;
  const whole = (fields: Record<string, string>) => formOf(file, fields);
  const forms: [string, (fields: Record<string, string>) => { raw: Buffer; type: string }][] = [
    [
      'under another boundary',
      (fields) => ({ raw: whole(fields).raw, type: 'multipart/form-data; boundary=z' }),
    ],
    ['without a boundary', (fields) => ({ raw: whole(fields).raw, type: 'multipart/form-data' })],
    ['without a file', (fields) => typed(formOf(undefined, fields))],
    ['with an empty file', (fields) => typed(formOf({ ...file, bytes: Buffer.alloc(0) }, fields))],
    ['with the file under another name', (fields) => typed(formOf({ ...file, field: 'other' }, fields))],
    ['with two files', (fields) => typed(twice(fields))],
    [
      'with a field of a megabyte',
      (fields) => typed(formOf(file, { ...fields, more: 'x'.repeat(1_100_000) })),
    ],
    ['with a thousand fields', (fields) => typed(formOf(file, { ...fields, ...manyFields(1000) }))],
    ['that is cut in the file', (fields) => cut(fields, 0.6)],
    ['that is cut in a header', (fields) => cut(fields, 0.02)],
    ['that is empty', (fields) => ({ raw: Buffer.alloc(0), type: typed(whole(fields)).type })],
    ['with a file that has no format', (fields) => typed(formOf({ ...file, name: 'a.exe' }, fields))],
    ['with a file whose name is a path', (fields) => typed(formOf({ ...file, name: '../../a.exe' }, fields))],
    [
      'with a file whose name never ends',
      (fields) => typed(formOf({ ...file, name: `${longName}\0` }, fields)),
    ],
  ];

  /** Two files, one after the other in one form. */
  function twice(fields: Record<string, string>): { raw: Buffer; headers: Record<string, string> } {
    const { raw, headers } = whole(fields);
    const closed = raw.lastIndexOf('--');
    const end = raw.lastIndexOf('--', closed - 1);
    const second = formOf({ ...file, name: 'b.epub' });
    return { raw: Buffer.concat([raw.subarray(0, end), second.raw]), headers };
  }
  const manyFields = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`field${index}`, 'x']));
  const typed = ({ raw, headers }: { raw: Buffer; headers: Record<string, string> }) => ({
    raw,
    type: headers['content-type']!,
  });
  const cut = (fields: Record<string, string>, part: number) => {
    const { raw, type } = typed(whole(fields));
    return { raw: raw.subarray(0, Math.floor(raw.length * part)), type };
  };

  const places: [string, () => Promise<{ method: string; path: string; fields: Record<string, string> }>][] =
    [
      ['POST /files/upload', async () => ({ method: 'POST', path: '/files/upload', fields: {} })],
      [
        'POST /media',
        async () => ({
          method: 'POST',
          path: '/media',
          fields: { book_id: await world.book(), kind: 'book_file' },
        }),
      ],
      [
        'PUT /books/{}/cover',
        async () => ({ method: 'PUT', path: `/books/${await world.book()}/cover`, fields: {} }),
      ],
    ];

  for (const [name, placeOf] of places) {
    it.each(forms)(`${name}: %s is refused`, async (what, formed) => {
      const { method, path, fields } = await placeOf();
      const { raw, type } = formed(fields);
      const answer = await world.send(path, { method, raw, headers: { 'content-type': type } });
      expect([what, flawOf(answer, [400, 413, 415])]).toEqual([what, undefined]);
    });
  }

  it('leaves nothing behind', () => {
    const parts = readdirSync(world.server.dataDir, { recursive: true }).filter((name) =>
      String(name).endsWith('.part'),
    );
    expect(parts).toEqual([]);
  });
});
