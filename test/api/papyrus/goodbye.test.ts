import Database from 'better-sqlite3';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemorySecrets } from '../../../server/secrets/secret-store.ts';
import type { Answer, Refusal } from '../../support/client.ts';
import { at } from '../../support/clock.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { DOCUMENTED_LIMITS, OWNER, startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

const PASSWORD = 'Correct-Horse-7';
const NEXT = 'Battery-Staple-8';
const clock = at('2026-03-14T12:00:00.000Z');
const secrets = createMemorySecrets();
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ clock, ports: { secrets } });
});
afterAll(() => server.close());

const refusal = (answer: Answer): [number, string] => [answer.status, (answer.json() as Refusal).error.code];
let count = 0;
type Tokens = { access_token: string; refresh_token: string; user: { user_id: string; email: string } };
const register = async (email = `leaver${++count}@example.org`) => {
  const body = { email, password: PASSWORD, display_name: 'Ada' };
  const answer = await server.papyrus('POST', '/auth/register', body);
  expect(answer.status).toBe(201);
  return answer.json() as Tokens;
};
const login = (email: string, password = PASSWORD) =>
  server.papyrus('POST', '/auth/login', { email, password });
const leave = (token: string, password = PASSWORD) =>
  server.papyrus('DELETE', '/users/me', { password }, token);
const me = (token: string) => server.papyrus('GET', '/users/me', undefined, token);

describe('DELETE /users/me', () => {
  it('needs the password, and a wrong one ends nothing', async () => {
    const { access_token } = await register();
    expect(refusal(await leave(access_token, 'Wrong-Horse-7'))).toEqual([403, 'FORBIDDEN']);
    expect(refusal(await server.papyrus('DELETE', '/users/me', {}, access_token))).toEqual([
      400,
      'VALIDATION_ERROR',
    ]);
    expect((await me(access_token)).status).toBe(200);
  });

  it('ends every session; signing in within seven days takes it back with everything in it', async () => {
    const { access_token, refresh_token, user } = await register();
    await server.papyrus('POST', '/books', { title: 'Mine', author: 'Me' }, access_token);
    expect((await leave(access_token)).status).toBe(204);
    expect(refusal(await me(access_token))).toEqual([401, 'SESSION_REVOKED']);
    expect((await server.papyrus('POST', '/auth/refresh', { refresh_token })).status).toBe(401);
    expect(
      refusal(
        await server.papyrus('POST', '/auth/register', {
          email: user.email,
          password: PASSWORD,
          display_name: 'Eve',
        }),
      ),
    ).toEqual([409, 'CONFLICT']);
    clock.forward({ days: 6, hours: 23 });
    const back = (await login(user.email)).json() as Tokens;
    const books = await server.papyrus('GET', '/books', undefined, back.access_token);
    expect(books.json()).toMatchObject({ books: [{ title: 'Mine' }] });
    clock.forward({ days: 30 });
    expect((await login(user.email)).status).toBe(200);
  });

  it('after seven days is final: signing in fails as for a stranger, and the address is free', async () => {
    const { access_token, user } = await register();
    await leave(access_token);
    clock.forward({ days: 7 });
    const stranger = await login('nobody@example.org');
    expect((await login(user.email)).text).toBe(stranger.text);
    const again = await register(user.email);
    expect(again.user.user_id).not.toBe(user.user_id);
    expect((await me(again.access_token)).status).toBe(200);
  });

  it('takes rows, secrets and the diary along, and leaves everybody else alone', async () => {
    const leaver = await register();
    const stayer = await register();
    for (const { access_token } of [leaver, stayer]) {
      await server.papyrus('POST', '/books', { title: 'A Book', author: 'Me' }, access_token);
      const body = { server_url: 'https://elsewhere.example.org', auth_token: 'of elsewhere' };
      await server.papyrus('PUT', '/users/me/metadata-server', body, access_token);
    }
    const config = await server.papyrus('GET', '/users/me/metadata-server', undefined, leaver.access_token);
    const secret = `metadata-server/${(config.json() as { config_id: string }).config_id}/auth_token`;
    expect(await secrets.get(secret)).toBe('of elsewhere');
    await leave(leaver.access_token);
    const [going, staying] = [rowsOf(leaver.user.user_id), rowsOf(stayer.user.user_id)];
    expect(going).toMatchObject({ books: 1, changes: expect.any(Number), users: 1, metadata_servers: 1 });
    clock.forward({ days: 7 });
    await server.restart();
    expect(rowsOf(leaver.user.user_id)).toEqual({});
    expect(await secrets.get(secret)).toBeUndefined();
    expect(rowsOf(stayer.user.user_id)).toEqual(staying);
    expect((await login(stayer.user.email)).status).toBe(200);
  });
});

describe('the owner of the shelf', () => {
  it('who leaves leaves an unclaimed server behind, their covers gone and their files untouched', async () => {
    const shelf = await startTestServer({
      clock,
      files: { 'a.epub': makeEpub({ title: 'A', cover: await aPicture() }) },
    });
    try {
      const token = await shelf.claim();
      const before = shelf.running().status().books;
      expect(before).toBe(1);
      expect(coversIn(shelf.dataDir)).not.toEqual([]);
      expect((await shelf.papyrus('DELETE', '/users/me', { password: OWNER.password }, token)).status).toBe(
        204,
      );
      clock.forward({ days: 7 });
      expect((await shelf.desk('GET', '/status')).json()).toMatchObject({ claimed: false });
      await shelf.restart({ library: [] });
      expect((await shelf.desk('GET', '/status')).json()).toMatchObject({
        claimed: false,
        owner: null,
        counts: { books: 0 },
      });
      expect(coversIn(shelf.dataDir)).toEqual([]);
      expect(existsSync(join(shelf.libraryDir, 'a.epub'))).toBe(true);
      const next = await shelf.claim();
      const books = await shelf.papyrus('GET', '/books', undefined, next);
      expect(books.json()).toMatchObject({ books: [] });
    } finally {
      await shelf.close();
    }
  });

  it('can be claimed at once when the old owner is gone but not yet removed', async () => {
    const shelf = await startTestServer({ clock });
    try {
      const token = await shelf.claim();
      await shelf.papyrus('POST', '/books', { title: 'Old', author: 'Me' }, token);
      await shelf.papyrus('DELETE', '/users/me', { password: OWNER.password }, token);
      clock.forward({ days: 7 });
      const next = await shelf.claim();
      const books = await shelf.papyrus('GET', '/books', undefined, next);
      expect(books.json()).toMatchObject({ books: [] });
    } finally {
      await shelf.close();
    }
  });
});

describe('POST /users/me/change-password', () => {
  const change = (token: string, current_password: string, new_password: string) =>
    server.papyrus('POST', '/users/me/change-password', { current_password, new_password }, token);

  it('ends every session, the one that asked too', async () => {
    const { access_token, user } = await register();
    const other = (await login(user.email)).json() as Tokens;
    expect(refusal(await change(access_token, 'Wrong-Horse-7', NEXT))).toEqual([403, 'FORBIDDEN']);
    const weak = await change(access_token, PASSWORD, 'weak');
    expect((weak.json() as Refusal).error.details).toEqual({
      fields: {
        new_password: 'Your password needs at least 8 characters, an upper-case letter and a digit.',
      },
    });
    expect((await change(access_token, PASSWORD, NEXT)).json()).toEqual({
      message: 'Your password is changed. Sign in with it on each device.',
    });
    for (const { access_token: token } of [{ access_token }, other]) {
      expect(refusal(await me(token))).toEqual([401, 'SESSION_REVOKED']);
    }
    expect([(await login(user.email)).status, (await login(user.email, NEXT)).status]).toEqual([401, 200]);
  });
});

describe('POST /auth/logout-all', () => {
  it('ends every session of the account and of no other', async () => {
    const [one, stranger] = [await register(), await register()];
    const other = (await login(one.user.email)).json() as Tokens;
    const answer = await server.papyrus('POST', '/auth/logout-all', undefined, one.access_token);
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect([(await me(one.access_token)).status, (await me(other.access_token)).status]).toEqual([401, 401]);
    expect((await me(stranger.access_token)).status).toBe(200);
  });
});

describe('/users/me/preferences', () => {
  const put = (body: unknown, token: string) => server.papyrus('PUT', '/users/me/preferences', body, token);
  const get = (token: string) => server.papyrus('GET', '/users/me/preferences', undefined, token);

  it('begin with what everybody begins with and are replaced as a whole', async () => {
    const { access_token } = await register();
    expect((await get(access_token)).json()).toEqual({
      theme: 'system',
      notifications_enabled: true,
      default_shelf: 'Currently Reading',
      sync_wifi_only: false,
    });
    const mine = { theme: 'dark', nested: { list: [1, null, 'ü'] } };
    const answer = await put(mine, access_token);
    expect([answer.status, answer.json()]).toEqual([200, mine]);
    expect((await get(access_token)).json()).toEqual(mine);
    expect((await put({}, access_token)).json()).toEqual({});
    expect((await get((await register()).access_token)).json()).toHaveProperty('theme');
  });

  const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: deep(levels - 1) });
  it.each([
    ['a list', []],
    ['null', null],
    ['a word', 'dark'],
    ['more than 64 KiB', { a: 'x'.repeat(65_536) }],
    ['17 levels', deep(17)],
  ])('refuse %s', async (_, body) => {
    const { access_token } = await register();
    expect(refusal(await put(body, access_token))).toEqual([400, 'VALIDATION_ERROR']);
    expect((await put(deep(16), access_token)).status).toBe(200);
  });
});

describe('an account somebody guesses the password of', () => {
  it('is shut to their address for a quarter of an hour, whether it exists or not', async () => {
    const { user, access_token } = await register();
    for (const email of [user.email, 'never@example.org']) {
      for (let guess = 1; guess <= 5; guess++)
        expect((await login(email, `Guess-${guess}`)).status).toBe(401);
      const shut = await login(email);
      expect([shut.status, shut.headers['retry-after']]).toEqual([429, '900']);
      expect((shut.json() as Refusal).error).toMatchObject({
        code: 'RATE_LIMIT_EXCEEDED',
        details: { retry_after: 900 },
      });
    }
    expect((await me(access_token)).status).toBe(200);
    clock.forward({ minutes: 14, seconds: 59 });
    expect((await login(user.email)).status).toBe(429);
    clock.forward({ seconds: 1 });
    expect((await login(user.email)).status).toBe(200);
  });

  it('is not opened by guesses made side by side', async () => {
    const { user } = await register();
    const guesses = Array.from({ length: 12 }, (_, n) => login(user.email, `Guess-${n}`));
    const answers = await Promise.all([...guesses, ...Array.from({ length: 3 }, () => login(user.email))]);
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(5);
    expect((await login(user.email)).status).toBe(429);
  });

  it('is shut alike to wrong passwords for leaving and for changing it', async () => {
    const { access_token } = await register();
    for (let guess = 1; guess <= 5; guess++)
      expect((await leave(access_token, `Guess-${guess}`)).status).toBe(403);
    expect((await leave(access_token)).status).toBe(429);
  });
});

describe('limits', () => {
  it('say on each answer what is left, and how long to wait when it is nothing', async () => {
    const strict = await startTestServer({
      clock,
      options: { rateLimits: { ...DOCUMENTED_LIMITS, general: 3 } },
    });
    try {
      const token = await strict.signUp();
      const other = await strict.signUp('other@example.org');
      const asked = (as: string) => strict.papyrus('GET', '/users/me', undefined, as);
      const epochSec = Math.floor(clock.now().getTime() / 1000);
      const first = await asked(token);
      expect(first.headers).toMatchObject({
        'x-ratelimit-limit': '3',
        'x-ratelimit-remaining': '2',
        'x-ratelimit-reset': String(epochSec + 20),
      });
      await asked(token);
      await asked(token);
      const refused = await asked(token);
      expect([refused.status, (refused.json() as Refusal).error.details]).toEqual([429, { retry_after: 20 }]);
      expect(refused.headers).toMatchObject({
        'retry-after': '20',
        'x-ratelimit-limit': '3',
        'x-ratelimit-remaining': '0',
      });
      expect((await asked(other)).status).toBe(200);
      // The other mount is the same API.
      const headers = { authorization: `Bearer ${token}` };
      expect((await strict.get('/v1/users/me', { headers })).status).toBe(429);
      clock.forward({ seconds: 20 });
      expect((await asked(token)).status).toBe(200);
    } finally {
      await strict.close();
    }
  });

  it('of many things at once are a class of their own', async () => {
    const strict = await startTestServer({ clock, options: { rateLimits: DOCUMENTED_LIMITS } });
    try {
      const token = await strict.claim();
      const batches = [
        ['POST', '/books/batch'],
        ['PATCH', '/books/batch'],
        ['DELETE', '/books/batch'],
        ['POST', '/sync/changes'],
        ['POST', '/sync/powersync-upload'],
      ] as const;
      for (const [index, [method, path]] of batches.entries()) {
        const { headers } = await strict.papyrus(method, path, {}, token);
        expect([path, headers['x-ratelimit-limit'], headers['x-ratelimit-remaining']]).toEqual([
          path,
          '20',
          String(19 - index),
        ]);
      }
    } finally {
      await strict.close();
    }
  });

  it('of attempts hold for each address and each way in, and count refreshes that fail alone', async () => {
    const strict = await startTestServer({ clock, options: { rateLimits: DOCUMENTED_LIMITS } });
    try {
      const forgot = () => strict.papyrus('POST', '/auth/forgot-password', { email: 'a@example.org' });
      for (let attempt = 1; attempt <= 5; attempt++) expect((await forgot()).status).toBe(200);
      expect((await forgot()).status).toBe(429);
      const refresh = (refresh_token: string) => strict.papyrus('POST', '/auth/refresh', { refresh_token });
      let { refresh_token } = (
        await strict.papyrus('POST', '/auth/register', { ...OWNER, email: 'r@example.org' })
      ).json() as Tokens;
      for (let time = 1; time <= 7; time++) {
        const answer = await refresh(refresh_token);
        expect([answer.status, answer.headers['x-ratelimit-remaining']]).toEqual([200, '5']);
        ({ refresh_token } = answer.json() as Tokens);
      }
      for (let attempt = 1; attempt <= 5; attempt++) expect((await refresh('x')).status).toBe(401);
      expect((await refresh(refresh_token)).status).toBe(429);
    } finally {
      await strict.close();
    }
  });

  it('can be switched off, and say nothing then', async () => {
    const answer = await me((await register()).access_token);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('x-ratelimit'))).toEqual([]);
  });
});

describe('what the app asks besides', () => {
  it.each(['/api/v1/', '/v1/', '/api/v1', '/v1'])('is answered at %s', async (path) => {
    const answer = await server.get(path);
    expect([answer.status, answer.json()]).toMatchObject([
      200,
      { name: 'Papyrus Shelf', pages: [{ path: '/docs' }, {}, {}] },
    ]);
  });

  it('is told that nothing is acquired here', async () => {
    const { access_token } = await register();
    const answer = await server.papyrus('GET', '/acquisition/capabilities', undefined, access_token);
    expect([answer.status, answer.json()]).toEqual([200, { enabled: false }]);
  });
});

/** How many rows of each table name the person, tables without any left out. */
function rowsOf(userId: string): Record<string, number> {
  const db = new Database(join(server.dataDir, 'papyrus-shelf.sqlite'), { readonly: true });
  try {
    const tables = db
      .prepare("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
      .pluck()
      .all() as string[];
    const counts = tables.map((table): [string, number] => {
      const columns = db.prepare('select name from pragma_table_info(?)').pluck().all(table) as string[];
      const owner = ['owner_id', 'user_id'].find((name) => columns.includes(name));
      if (owner === undefined) return [table, 0];
      return [
        table,
        db.prepare(`select count(*) from ${table} where ${owner} = ?`).pluck().get(userId) as number,
      ];
    });
    return Object.fromEntries(counts.filter(([, rows]) => rows > 0));
  } finally {
    db.close();
  }
}

const coversIn = (dataDir: string): string[] =>
  readdirSync(join(dataDir, 'covers'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);

const aPicture = (): Promise<Buffer> =>
  sharp({ create: { width: 60, height: 90, channels: 3, background: '#336699' } })
    .png()
    .toBuffer();
