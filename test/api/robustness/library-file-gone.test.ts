// The library file is removed, moved or replaced under the running server: it says so, and takes nothing in that it cannot keep.
import { copyFileSync, existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';
import { CATALOGUE } from './process.ts';

let server: TestServer;
let token: string;
beforeEach(async () => {
  server = await startTestServer({ ports: { lookAtFileMs: 20 } });
  token = await server.claim();
  expect((await add('Before')).status).toBe(201);
});
afterEach(() => server.close());

const add = (title: string) => server.papyrus('POST', '/books', { title, author: 'Ada' }, token);
const file = () => join(server.dataDir, CATALOGUE);
const removeAll = (): void => {
  for (const name of readdirSync(server.dataDir).filter((each) => each.startsWith(CATALOGUE)))
    rmSync(join(server.dataDir, name));
};
const refusal = 'The library file was moved or removed while Papyrus Shelf was running';

it.each<[string, () => void]>([
  ['removed', removeAll],
  ['moved', () => renameSync(file(), `${file()}.away`)],
  [
    'replaced',
    () => {
      copyFileSync(file(), `${file()}.copy`);
      renameSync(`${file()}.copy`, file());
    },
  ],
])('answers 503 on every face and saves what it held when the file is %s', async (_, lose) => {
  lose();
  await expect.poll(async () => (await add('After')).status).toBe(503);
  const saved = join(server.dataDir, 'papyrus-shelf.saved-1.sqlite');
  const sentence = `${refusal}: nothing is taken in now. What it held is saved as ${saved}. Put a library file back as ${file()} and start Papyrus Shelf again.`;
  for (const path of ['/api/v1/books', '/v1/sync/settings', '/desk/api/status', '/api/items']) {
    const answer = await server.get(path);
    expect([path, answer.status, answer.text.includes(JSON.stringify(sentence).slice(1, -1))]).toEqual([
      path,
      503,
      true,
    ]);
  }
  const db = new Database(saved, { readonly: true });
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(db.prepare("select title from books where title = 'Before'").pluck().all()).toEqual(['Before']);
  db.close();
  expect(existsSync(join(server.dataDir, 'papyrus-shelf.saved-2.sqlite'))).toBe(false);
});

it('goes on when the file is put back, with nothing lost', async () => {
  renameSync(file(), `${file()}.away`);
  await expect.poll(async () => (await server.get('/api/items')).status).toBe(503);
  expect((await add('Away')).status).toBe(503);
  renameSync(`${file()}.away`, file());
  await expect.poll(async () => (await server.get('/api/items')).status).toBe(200);
  expect((await add('Back')).status).toBe(201);
  await server.restart();
  const { books } = (await server.papyrus('GET', '/books', undefined, token)).json() as {
    books: { title: string }[];
  };
  expect(books.map(({ title }) => title).sort()).toEqual(['Back', 'Before']);
});
