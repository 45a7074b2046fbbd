// Devices that listened and sent before a library was put back as it was go on with it: numbers they were told never come back.
import { randomUUID } from 'node:crypto';
import { copyFileSync, cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { BackupList } from '../../../server/api/desk/schemas.ts';
import { CATALOGUE_FILE } from '../../../server/catalogue/open.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';
import { openDevice } from '../../support/stream-device.ts';
import type { Device } from '../../support/stream-device.ts';

let server: TestServer;
let token: string;
let phone: Device;
beforeEach(async () => {
  server = await startTestServer({ ports: { streamPace: { gatherMs: 10, quietMs: 200 } } });
  token = await server.claim();
  phone = await openDevice(server, token);
  await phone.connect();
});
afterEach(async () => {
  await phone.close();
  await server.close();
});

const rate = (id: string, rating: number) =>
  phone
    .run('update books set rating = ? where id = ?', [rating, id])
    .then(() =>
      expect
        .poll(
          async () =>
            ((await server.papyrus('GET', `/books/${id}`, undefined, token)).json() as { rating: number })
              .rating,
        )
        .toBe(rating),
    );
const addHere = async (title: string): Promise<string> => {
  const answer = await server.papyrus('POST', '/books', { title, author: 'Ada' }, token);
  return (answer.json() as { book_id: string }).book_id;
};
const titled = (title: string) => (rows: Record<string, unknown>[]) =>
  rows.some((row) => row['title'] === title);

/** What the device did before the copy, after it, and while nobody answered. */
const ways: [string, () => Promise<() => Promise<void>>][] = [
  [
    'the desk',
    async () => {
      await server.desk('POST', '/backups');
      await server.settled();
      const { backup_id } = ((await server.desk('GET', '/backups')).json() as BackupList).backups[0]!;
      return async () => {
        await server.desk('POST', `/backups/${backup_id}/restore`);
        await server.settled();
        await server.running().close();
      };
    },
  ],
  [
    'a copied-back folder',
    async () => {
      await server.running().close();
      const copy = `${server.dataDir}-copy`;
      cpSync(server.dataDir, copy, { recursive: true });
      await server.restart();
      await phone.disconnect();
      await phone.connect();
      return async () => {
        await server.running().close();
        for (const name of readdirSync(server.dataDir).filter((each) => each.startsWith(CATALOGUE_FILE)))
          rmSync(join(server.dataDir, name));
        copyFileSync(join(copy, CATALOGUE_FILE), join(server.dataDir, CATALOGUE_FILE));
        rmSync(copy, { recursive: true });
      };
    },
  ],
];

it.each(ways)(
  'after a restore by %s a device that uploaded since the copy follows again',
  async (_, copy) => {
    const id = await addHere('Before');
    await phone.until(titled('Before'));
    // Each upload asks for a number to wait for: the copy knows the first of them.
    await rate(id, 5);
    const bringBack = await copy();
    for (const rating of [1, 2, 3, 4, 5]) await rate(id, rating);
    await phone.disconnect();
    await bringBack();
    await server.restart();
    await phone.connect();
    await addHere('After');
    await phone.until(titled('After'));
    await rate(id, 3);
    await phone.run('insert into books (id, title) values (?, ?)', [randomUUID(), 'From the phone']);
    await addHere('And again');
    await phone.until((rows) => titled('And again')(rows) && rows.length === 4);
  },
  60_000,
);
