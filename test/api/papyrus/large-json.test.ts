// JSON that is deep, long or wrong in one place: refused in a sentence, never 500, and never at the cost of the rest.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Refusal } from '../../support/client.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startTestServer();
  token = await server.claim();
});
afterAll(() => server.close());

const send = (method: string, path: string, raw: string): Promise<Answer> =>
  server.get(`/api/v1${path}`, {
    method,
    raw,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  });
const deep = (levels: number) => '{"a":'.repeat(levels) + '1' + '}'.repeat(levels);
const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const refusal = (answer: Answer) => [answer.status, (answer.json() as Refusal).error.code];

describe('JSON a hundred thousand levels deep', () => {
  it.each([
    ['PUT', '/users/me/preferences', deep(100_000)],
    ['POST', '/books', `{"title":"T","author":"A","custom_metadata":${deep(100_000)}}`],
    ['POST', '/storage/backends', `{"type":"webdav","name":"N","connection_config":${deep(100_000)}}`],
    ['PUT', '/users/me/preferences', '['.repeat(200_000) + ']'.repeat(200_000)],
  ])('is refused by %s %s', async (method, path, raw) => {
    expect(refusal(await send(method, path, raw))).toEqual([400, 'VALIDATION_ERROR']);
  });

  it('is one book of many that is refused', async () => {
    const good = '{"title":"Good","author":"A"}';
    const bad = `{"title":"T","author":"A","custom_metadata":${deep(50_000)}}`;
    const answer = await send('POST', '/books/batch', `{"books":[${good},${bad}]}`);
    expect(answer.json()).toMatchObject({ created: [{ title: 'Good' }], errors: [{ index: 1 }] });
  });

  it('is dropped from what the app streams', async () => {
    const data = `{"title":"Kept","custom_metadata":{"is_physical":false,"custom_metadata":${deep(20_000)}}}`;
    const answer = await send(
      'POST',
      '/sync/powersync-upload',
      `{"batch":[{"type":"books","op":"PUT","id":"${id(900)}","data":${data}}]}`,
    );
    expect([answer.status, answer.json()]).toEqual([200, { applied_count: 1 }]);
    const book = (await server.papyrus('GET', `/books/${id(900)}`, undefined, token)).json();
    expect(book).toMatchObject({ title: 'Kept' });
  });
});

describe('one change of a push', () => {
  const change = (more: object) => ({
    entity_type: 'book',
    entity_id: id(1),
    operation: 'create',
    data: { title: 'T', author: 'A' },
    timestamp: '2026-03-14T12:00:00Z',
    ...more,
  });
  it.each([
    [
      'too deep',
      `{"entity_type":"book","entity_id":"${id(2)}","operation":"create","timestamp":"2026-03-14T12:00:00Z","data":${deep(100_000)}}`,
      id(2),
    ],
    ['without a time', JSON.stringify(change({ entity_id: id(3), timestamp: 'yesterday' })), id(3)],
    ['of no thing', JSON.stringify(change({ entity_id: 'x' })), 'x'],
    ['that is none', '7', ''],
    ['that is null', 'null', ''],
    ['that does nothing known', JSON.stringify(change({ entity_id: id(4), operation: 'burn' })), id(4)],
  ])('%s never fails the others', async (_, bad, entityId) => {
    const good = change({ entity_id: crypto.randomUUID() });
    const answer = await send('POST', '/sync/changes', `{"device_id":"d","changes":[${bad},${JSON.stringify(good)}]}`); // prettier-ignore
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({
      accepted: [{ entity_id: good.entity_id }],
      rejected: [
        { entity_id: entityId, reason: expect.stringMatching(/^The request is not valid\. /) as string },
      ],
    });
  });
});

describe('a list that is longer than anybody needs', () => {
  it.each([
    ['empty objects', '{},'],
    ['numbers', '1,'],
    ['empty lists', '[],'],
  ])('of %s is refused', async (_, each) => {
    const raw = `{"batch":[${each.repeat(4_000_000)}0]}`;
    expect(refusal(await send('POST', '/sync/powersync-upload', raw))).toEqual([413, 'FILE_TOO_LARGE']);
    const small = `{"books":[${each.repeat(300_000)}0]}`;
    expect(refusal(await send('POST', '/books/batch', small))).toEqual([413, 'FILE_TOO_LARGE']);
  });

  it('is refused when one row of it is as long as a library', async () => {
    const data = `{"custom_metadata":[${'[],'.repeat(60_000)}0]}`;
    const raw = `{"batch":[{"type":"books","op":"PUT","id":"${id(5)}","data":${data}}]}`;
    expect((await send('POST', '/sync/powersync-upload', raw)).status).toBe(413);
  });

  it('of books is taken in while others are answered, and all of it or nothing', async () => {
    const entry = (n: number, more: object = {}) => ({ type: 'books', op: 'PUT', id: id(1000 + n), data: { title: `Book ${n}`, ...more } }); // prettier-ignore
    const batch = Array.from({ length: 300 }, (_, n) => entry(n));
    const wrong = [...batch, entry(300, { file_media_id: id(7) })];
    expect((await send('POST', '/sync/powersync-upload', JSON.stringify({ batch: wrong }))).status).toBe(400);
    expect((await server.papyrus('GET', `/books/${id(1000)}`, undefined, token)).status).toBe(404);
    let answered = 0;
    let isDone = false;
    const others = (async () => {
      while (!isDone) {
        await server.get('/health');
        if (!isDone) answered += 1;
      }
    })();
    const answer = await send('POST', '/sync/powersync-upload', JSON.stringify({ batch }));
    isDone = true;
    await others;
    expect([answer.status, answer.json()]).toEqual([200, { applied_count: 300 }]);
    expect(answered).toBeGreaterThan(2);
  });
});
