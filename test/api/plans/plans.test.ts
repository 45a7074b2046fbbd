// How SQLite goes about everything the server asks of its library: nothing that grows is gone through from end to end, but for
// what is listed with its reason.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeEpub } from '../../support/make-epub.ts';
import { makeSidecar } from '../../support/make-sidecar.ts';
import { koreaderChecksum } from '../../support/server.ts';
import { WALK } from '../papyrus/contract/walk.ts';
import { openWorld } from '../papyrus/contract/world.ts';
import type { World } from '../papyrus/contract/world.ts';
import { openShelf } from '../../support/catalogue.ts';
import { noteStatements, planOf, scannedBy } from './asked.ts';
import type { Plan } from './asked.ts';
import { LISTED } from './listed.ts';

const noted = noteStatements();
let world: World;
const { read } = openShelf();
let plans: Plan[];
beforeAll(async () => {
  world = await openWorld({ writeback: true });
  await useEverything();
  noted.stop();
  plans = read((db) => [...noted.statements].map((sql) => planOf(db.$client, sql)));
}, 120_000);
afterAll(() => world.close());

/** Every operation of Papyrus, what KoShelf and the desk show, a device's files, and a start with all of it there. */
async function useEverything(): Promise<void> {
  for (const [, call] of Object.values(WALK)) await call(world);
  const { server } = world;
  const book = makeEpub({ title: 'Read', chapters: [{ title: 'One', text: 'Some words to find.' }] });
  server.put({
    'read.epub': book,
    'read.sdr/metadata.epub.lua': makeSidecar({
      partial_md5_checksum: koreaderChecksum(book),
      summary: { status: 'complete', modified: '2026-03-12', rating: 4 },
      annotations: { 1: { pos0: '/body/p[1]', pos1: '/body/p[2]', text: 'words', page: '/body/p[1]', datetime: '2026-03-12 10:00:00' } }, // prettier-ignore
    }),
  });
  await server.rescan();
  await world.call('PUT', '/search/settings', { book_text: true });
  await server.settled();
  await server.restart();
  const { items } = await server.data<{ items: { id: string }[] }>('/items');
  for (const { id } of items) await server.koshelf(`/items/${id}?include=all`);
  for (const path of KOSHELF) await server.koshelf(path);
  for (const path of DESK) await server.desk('GET', path);
  for (const q of QUERIES) await world.call('GET', `/books?query=${encodeURIComponent(q)}`);
  await world.call('GET', '/search?in=text&q=words');
}
const KOSHELF = [
  '/site', '/items?scope=comics', '/annotations?search=words', '/annotations?sort=title', '/reading/summary',
  '/reading/calendar?month=2026-03', '/reading/completions?year=2026', '/reading/metrics?metric=pages_read&group_by=day',
  '/reading/available-periods?source=reading_data&group_by=month',
]; // prettier-ignore
const DESK = [
  '/status', '/folders', '/statistics-files', '/jobs', '/failures', '/protected-books', '/removed-books', '/shelf', '/backups', '/letters',
  '/people', '/missing-passwords', '/settings',
]; // prettier-ignore
const QUERIES = [
  'word', 'author:ann', 'title:x OR title:y', 'rating:>=4 -status:completed', 'has:annotations', 'added:>2025-06-01', 'is:favorite',
  'tag:t', 'shelf:s', 'series:s', 'format:epub', 'read:<7d', 'pages:100..300', 'note:n', 'highlight:h',
]; // prettier-ignore

describe('what is asked of the library', () => {
  it('is a good deal of what can be', () => {
    expect(plans.length).toBeGreaterThan(300);
  });

  it('goes through nothing that grows from end to end, but for what is listed with its reason', () => {
    const scans = plans.flatMap((plan) =>
      read((db) => scannedBy(db.$client, plan)).map((table) => ({ table, sql: plan.sql })),
    );
    const unlisted = scans.filter(({ sql }) => !LISTED.some(({ begins }) => sql.startsWith(begins)));
    expect(unlisted).toEqual([]);
    const unused = LISTED.filter(({ begins }) => !scans.some(({ sql }) => sql.startsWith(begins)));
    expect(unused).toEqual([]);
  });
});
