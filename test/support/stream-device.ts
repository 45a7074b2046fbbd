// A device that keeps a person's books by the public client SDK, with the table the app has.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { column, PowerSyncDatabase, Schema, Table } from '@powersync/node';
import type { AbstractPowerSyncDatabase } from '@powersync/node';
import type { TestServer } from './server.ts';

const books = new Table({
  owner_user_id: column.text,
  title: column.text,
  subtitle: column.text,
  author: column.text,
  co_authors: column.text,
  isbn: column.text,
  isbn13: column.text,
  publisher: column.text,
  language: column.text,
  page_count: column.integer,
  description: column.text,
  cover_image_url: column.text,
  file_media_id: column.text,
  cover_media_id: column.text,
  reading_status: column.text,
  current_page: column.integer,
  current_position: column.real,
  current_cfi: column.text,
  is_favorite: column.integer,
  rating: column.integer,
  custom_metadata: column.text,
  added_at: column.text,
  updated_at: column.text,
});

export type Row = Record<string, string | number | null>;

export type Device = {
  db: AbstractPowerSyncDatabase;
  /** Bodies of the batches it sent. */
  sent: { batch: { op: string; id: string; data?: Row }[] }[];
  /** How often it fetched a token to listen with. */
  tokens(): number;
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  run(sql: string, parameters?: unknown[]): Promise<void>;
  rows(sql?: string): Promise<Row[]>;
  /** Waits until the rows are as wanted. Throws with what they are after ten seconds. */
  until(isSo: (rows: Row[]) => boolean, withinMs?: number): Promise<Row[]>;
  close(): Promise<void>;
};

/** Opens a device with a database of its own; it connects when told to. */
export async function openDevice(server: TestServer, accessToken: string): Promise<Device> {
  const folder = mkdtempSync(join(tmpdir(), 'device-'));
  const db = new PowerSyncDatabase({
    schema: new Schema({ books }),
    // One process holds one connection for each name of a file, wherever it lies.
    database: { dbFilename: `${basename(folder)}.db`, dbLocation: folder },
  });
  await db.init();
  const sent: Device['sent'] = [];
  let tokens = 0;
  const connector = {
    fetchCredentials: async () => {
      tokens += 1;
      const answer = await server.papyrus('POST', '/auth/powersync-token', undefined, accessToken);
      return { endpoint: server.url, token: (answer.json() as { token: string }).token };
    },
    uploadData: async (database: AbstractPowerSyncDatabase) => {
      const transaction = await database.getNextCrudTransaction();
      if (transaction === null) return;
      // As the app does: it adds what it did not change to every PATCH.
      const batch = transaction.crud.map((entry) => {
        const json = entry.toJSON() as { type: string; op: string; id: string; data?: Row };
        if (json.op !== 'PATCH') return json;
        return { ...json, data: { co_authors: [], custom_metadata: {}, ...json.data } as unknown as Row };
      });
      sent.push({ batch });
      const answer = await server.papyrus('POST', '/sync/powersync-upload', { batch }, accessToken);
      if (answer.status !== 200) throw new Error(`the upload answered ${answer.status} ${answer.text}`);
      await transaction.complete();
    },
  };
  const rows = (sql = 'select * from books order by title, id') => db.getAll<Row>(sql);
  return {
    db,
    sent,
    tokens: () => tokens,
    connect: () => db.connect(connector, { retryDelayMs: 200, crudUploadThrottleMs: 20 }),
    disconnect: () => db.disconnect(),
    run: async (sql, parameters = []) => void (await db.execute(sql, parameters)),
    rows,
    until: async (isSo, withinMs = 10_000) => {
      const end = performance.now() + withinMs;
      for (;;) {
        const now = await rows();
        if (isSo(now)) return now;
        if (performance.now() > end)
          throw new Error(`the rows are ${JSON.stringify(now.slice(0, 5))}, ${now.length} in all`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    close: async () => {
      await db.close();
      rmSync(folder, { recursive: true });
    },
  };
}
