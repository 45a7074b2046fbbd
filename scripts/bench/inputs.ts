// Makes the files that are scanned and imported: the same ones in every run.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import sharp from 'sharp';
import { makeEpub } from '../../test/support/make-epub.ts';
import { makeSidecar } from '../../test/support/make-sidecar.ts';
import { makeStatistics } from '../../test/support/make-statistics.ts';
import type { StatisticsReadRow } from '../../test/support/make-statistics.ts';
import { createDice } from './words.ts';
import type { Dice } from './words.ts';

const BOOKS_A_FOLDER = 50;
const COVERS = 8;
const PARAGRAPH_WORDS = 110;

/** Writes novels of about half a megabyte: ten chapters of 30 KB, a cover of 800 × 1200 of about 150 KB, each its own. */
export async function makeNovels(folder: string, count: number): Promise<void> {
  const dice = createDice(1);
  const covers = await Promise.all(Array.from({ length: COVERS }, (_, index) => drawCover(index + 1)));
  for (let index = 0; index < count; index += 1) {
    const cover = covers[index % covers.length] ?? Buffer.alloc(0);
    const book = makeEpub({
      ...descriptionOf(dice, index),
      cover: withComment(cover, `cover ${index}`),
      chapters: Array.from({ length: 10 }, (_, chapter) => ({
        title: `${chapter + 1}. ${dice.words(3)}`,
        text: textOf(dice, 30_000),
      })),
    });
    write(folder, index, book);
  }
}

/** Writes EPUBs of a page each, without covers. */
export function makeLeaflets(folder: string, count: number): void {
  const dice = createDice(2);
  for (let index = 0; index < count; index += 1) write(folder, index, makeEpub(descriptionOf(dice, index)));
}

/** Sittings of a reader with a few books at hand. */
const READS_A_SITTING = 40;
const AT_HAND = 3;
const PAUSE_SEC = 10_400;

/**
 * Writes KOReader's statistics of a reader with `books` books and `reads` pages looked at, ten years of them when there are
 * a million. Returns when the last page was turned, in Unix seconds.
 */
export function makeReadingHistory(path: string, { books, reads }: { books: number; reads: number }): number {
  const dice = createDice(3);
  const pages = Array.from({ length: books }, () => 120 + dice.number(700));
  const readsABook = Math.ceil(reads / books);
  const seen = Array.from({ length: books }, () => 0);
  const atHand = Array.from({ length: Math.min(AT_HAND, books) }, (_, book) => book);
  let unread = atHand.length;
  let place = 0;
  const rows: StatisticsReadRow[] = [];
  let startSec = 1_450_000_000;
  while (rows.length < reads) {
    if (rows.length % READS_A_SITTING === 0) {
      place = dice.number(atHand.length);
      startSec += PAUSE_SEC;
    }
    const book = atHand[place] ?? 0;
    const total = pages[book] ?? 1;
    // Half of the books were read in another layout than today's.
    const layout = book % 2 === 0 ? total : Math.ceil(total * 1.3);
    const durationSec = 20 + dice.number(60);
    rows.push([book + 1, ((seen[book] ?? 0) % layout) + 1, startSec, durationSec, layout]);
    seen[book] = (seen[book] ?? 0) + 1;
    startSec += durationSec + 5;
    if (seen[book] === readsABook && unread < books) atHand[place] = unread++;
  }
  const list = pages.map((count, book) => ({
    pages: count,
    title: dice.words(4),
    authors: dice.words(2),
    notes: book % 7,
  }));
  makeStatistics(path, { books: list, reads: rows }).close();
  return startSec;
}

/** Adds a sitting of half an hour to such statistics, as KOReader does when the book is closed. Returns when it ended. */
export function readOn(path: string, { book, startSec }: { book: number; startSec: number }): number {
  const db = new Database(path);
  try {
    const insert = db.prepare('insert into page_stat_data values (?, ?, ?, 60, 300)');
    const endSec = startSec + 30 * 60;
    db.transaction(() => {
      for (let page = 0; page < 30; page += 1) insert.run(book, page + 1, startSec + page * 60);
      db.prepare('update book set last_open = ? where id = ?').run(endSec, book);
    })();
    return endSec;
  } finally {
    db.close();
  }
}

/** Writes an EPUB with KOReader's sidecar beside it. Returns the sidecar's path. */
export function makeMarkedBook(folder: string, title: string, marks: number): string {
  const place = join(folder, `${title}.sdr`);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(folder, `${title}.epub`), makeEpub({ title }));
  const path = join(place, 'metadata.epub.lua');
  writeFileSync(path, sidecarOf(title, marks));
  return path;
}

/** Returns KOReader's file of a book with that many highlights; the first has the note. */
export function sidecarOf(title: string, marks: number, note = 'A first thought.'): Buffer {
  const dice = createDice(5);
  const annotations = Array.from({ length: marks }, (_, index) => ({
    chapter: dice.words(3),
    color: 'yellow',
    datetime: new Date(1_600_000_000_000 + index * 61_000).toISOString().slice(0, 19).replace('T', ' '),
    drawer: 'lighten',
    page: `/body/DocFragment[${index + 1}]/body/p[3]/text().0`,
    pageno: index + 1,
    pos0: `/body/DocFragment[${index + 1}]/body/p[3]/text().0`,
    pos1: `/body/DocFragment[${index + 1}]/body/p[3]/text().90`,
    text: dice.words(25),
    ...(index === 0 && { note }),
  }));
  return makeSidecar({
    annotations,
    doc_pages: 400,
    percent_finished: 0.5,
    stats: { title, pages: 400 },
    summary: { status: 'reading', modified: '2026-01-01' },
  });
}

function descriptionOf(dice: Dice, index: number) {
  return {
    title: `${dice.words(4)} ${index}`,
    authors: [dice.words(2)],
    publisher: dice.words(2),
    date: `${1950 + dice.number(70)}`,
    description: dice.words(60),
    subjects: [dice.words(1), dice.words(2)],
    identifiers: [`urn:uuid:00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`],
    ...(index % 5 === 0 && { series: { name: dice.words(2), index: `${1 + dice.number(9)}` } }),
  };
}

function textOf(dice: Dice, sizeBytes: number): string {
  let text = '';
  while (text.length < sizeBytes) text += `${dice.words(PARAGRAPH_WORDS)}.\n`;
  return text;
}

function write(folder: string, index: number, book: Uint8Array): void {
  const place = join(
    folder,
    Math.floor(index / BOOKS_A_FOLDER)
      .toString()
      .padStart(4, '0'),
  );
  if (index % BOOKS_A_FOLDER === 0) mkdirSync(place, { recursive: true });
  writeFileSync(join(place, `${index.toString().padStart(5, '0')}.epub`), book);
}

/** A soft picture under grain: as hard to draw as a photograph. */
const drawCover = (seed: number): Promise<Buffer> =>
  sharp(picture(seed), { raw: { width: 800, height: 1200, channels: 3 } })
    .jpeg({ quality: 80 })
    .toBuffer();

function picture(seed: number): Buffer {
  const dice = createDice(seed);
  const [red, green, blue] = [dice.number(200), dice.number(200), dice.number(200)];
  const pixels = Buffer.alloc(800 * 1200 * 3);
  for (let y = 0, at = 0; y < 1200; y += 1) {
    for (let x = 0; x < 800; x += 1, at += 3) {
      const light = Math.round(40 * Math.sin(x / 60) * Math.cos(y / 90)) + dice.number(22);
      pixels[at] = clamp(red + light);
      pixels[at + 1] = clamp(green + light + y / 20);
      pixels[at + 2] = clamp(blue + light + x / 20);
    }
  }
  return pixels;
}

const clamp = (value: number): number => Math.max(0, Math.min(255, Math.round(value)));

/** ISO/IEC 10918-1 §B.2.4.5: a comment segment right behind the start of the image makes equal pictures different files. */
function withComment(jpeg: Buffer, comment: string): Buffer {
  const text = Buffer.from(comment);
  const segment = Buffer.alloc(4);
  segment.writeUInt16BE(0xfffe, 0);
  segment.writeUInt16BE(text.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), segment, text, jpeg.subarray(2)]);
}
