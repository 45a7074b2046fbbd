// What becomes a book of a folder, by the kinds of files in it.
import sharp from 'sharp';
import { afterEach, describe, expect, it } from 'vitest';
import { makeCbz } from '../support/make-comic.ts';
import { startTestServer } from '../support/server.ts';
import type { Files, TestServer } from '../support/server.ts';

let server: TestServer;
afterEach(() => server.close());

type Book = { title: string; file_format: string };

/** Starts on a library of these files; returns its books as "title format", by title. */
const start = async (files: Files): Promise<string[]> => {
  server = await startTestServer({ files });
  return books();
};
const books = async (): Promise<string[]> => {
  const answer = await server.papyrus('GET', '/books', undefined, await server.claim());
  const found = (answer.json() as { books: Book[] }).books;
  return found.map(({ title, file_format: format }) => `${title} ${format}`).toSorted();
};

describe('a comic scanned as TIFF', () => {
  it('shows its first page', async () => {
    const page = await sharp({ create: { width: 60, height: 90, channels: 3, background: 'red' } })
      .tiff()
      .toBuffer();
    expect(await start({ 'Tape.cbz': makeCbz([{ name: '1.tif', content: page }]) })).toEqual(['Tape cbz']);
    const { items } = await server.data<{ items: { id: string }[] }>('/items?scope=all');
    const cover = await server.get(`/assets/covers/${items[0]!.id}.webp`);
    expect(cover.status).toBe(200);
    const { width, height } = await sharp(cover.bytes).metadata();
    expect([width, height]).toEqual([60, 90]);
  });
});
