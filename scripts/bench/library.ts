// Fills a catalogue with books as a scan leaves them, through the catalogue's own door and without any files.
import { createUsers } from '../../server/accounts/users.ts';
import { systemClock } from '../../server/base/clock.ts';
import { createEvents } from '../../server/base/events.ts';
import { derivedId } from '../../server/base/ids.ts';
import type { Catalogue } from '../../server/catalogue/catalogue.ts';
import { openCatalogue } from '../../server/catalogue/open.ts';
import {
  annotations,
  bookChecksums,
  bookFiles,
  books,
  koreaderSidecars,
  libraryFolders,
  series,
} from '../../server/catalogue/schema/index.ts';
import { sortColumns } from '../../server/library/describe.ts';
import { READER_VERSION } from '../../server/library/intake.ts';
import { createDice } from './words.ts';
import type { Dice } from './words.ts';

const FOLDER = '/not plugged in/books';
const SLICE = 250;
const SERIES = 400;
const CHAPTERS = 20;
/** One book in this many was read with KOReader and has this many highlights. */
const READ_ONE_IN = 5;
const HIGHLIGHTS = 8;
const addedAt = new Date('2026-01-01T12:00:00Z');

/** Makes a data folder with a library of that many books. Its folder is not there, as on a drive that is not plugged in. */
export function fillLibrary(dataDir: string, count: number): void {
  const catalogue = openCatalogue({ dataDir, clock: systemClock, events: createEvents() });
  try {
    addBooks(catalogue, createUsers({ catalogue, clock: systemClock }).shelfOwnerId(), { count });
  } finally {
    catalogue.close();
  }
}

/** Gives a person that many books, as `fillLibrary` does; `first` is how many others have already. */
export function addBooks(
  catalogue: Catalogue,
  ownerId: string,
  { count, first = 0 }: { count: number; first?: number },
): void {
  const dice = createDice(4 + first);
  const folderId = derivedId('bench', 'folder', String(first));
  const names = Array.from({ length: SERIES }, (_, index) => `${dice.words(2)} ${index}`);
  const seriesId = (index: number) => derivedId('bench', 'series', String(first), String(index));
  catalogue.write({ durable: false }, (db) => {
    const path = Buffer.from(first === 0 ? FOLDER : `${FOLDER} ${first}`);
    db.insert(libraryFolders).values({ folderId, ownerId, path, addedAt }).run();
    const rows = names.map((name, index) => ({
      seriesId: seriesId(index), ownerId, name, createdAt: addedAt, updatedAt: addedAt,
    })); // prettier-ignore
    db.insert(series).values(rows).run();
  });
  for (let from = 0; from < count; from += SLICE) {
    const slice = Array.from({ length: Math.min(SLICE, count - from) }, (_, at) => {
      const place = first + from + at;
      const inSeries = place % 4 === 0 ? place % SERIES : undefined;
      return makeBook(dice, {
        ownerId,
        folderId,
        place,
        series: inSeries === undefined ? undefined : { id: seriesId(inSeries), name: names[inSeries] ?? '' },
      });
    });
    catalogue.write({ durable: false }, (db) => {
      db.insert(books).values(slice.map(({ book }) => book)).run();
      db.insert(bookChecksums).values(slice.map(({ checksum }) => checksum)).run();
      db.insert(bookFiles).values(slice.map(({ file }) => file)).run();
      db.insert(koreaderSidecars).values(slice.flatMap(({ sidecar }) => sidecar)).run();
      db.insert(annotations).values(slice.flatMap(({ marks }) => marks)).run();
    }); // prettier-ignore
  }
}

type Place = {
  ownerId: string;
  folderId: string;
  place: number;
  series: { id: string; name: string } | undefined;
};

function makeBook(dice: Dice, { ownerId, folderId, place, series: inSeries }: Place) {
  const bookId = derivedId('bench', 'book', String(place));
  const title = dice.words(4);
  const authors = place % 10 === 0 ? [dice.words(2), dice.words(2)] : [dice.words(2)];
  const description = `<p>${dice.words(90)}</p>`;
  const subjects = [dice.words(1), dice.words(2), dice.words(1)];
  const identifiers = [{ scheme: 'uuid', value: bookId }];
  const partialMd5 = place.toString(16).padStart(32, '0');
  const coverHash = (place + 1).toString(16).padStart(32, 'a');
  const isRead = place % READ_ONE_IN === 0;
  const seriesIndex = inSeries === undefined ? null : String(1 + (place % 12));
  const fields = { title, subtitle: null, authors, description, isbn: null, isbn13: null };
  const chapters = Array.from({ length: CHAPTERS }, (_, chapter) => ({
    title: dice.words(3),
    position: chapter / CHAPTERS,
    depth: 0,
  }));
  const metadata = { title, authors, language: 'en', description, subjects, identifiers, chapters };
  // A scan takes files in by their path.
  const folderName = Math.floor(place / 50)
    .toString()
    .padStart(4, '0');
  const path = Buffer.from(`${FOLDER}/${folderName}/${place}.epub`);
  const seen = {
    ownerId,
    folderId,
    modifiedMs: addedAt.getTime(),
    readerVersion: READER_VERSION,
    readAt: addedAt,
  };
  const sidecarId = derivedId('bench', 'sidecar', String(place));
  const keys = Array.from(
    { length: HIGHLIGHTS },
    (_, index) => `${partialMd5.slice(2)}${index.toString(16).padStart(2, '0')}`,
  );
  const content = {
    partialMd5,
    percentFinished: (place % 100) / 100,
    summary: { status: 'reading', modified: '2026-01-01' },
    pagemap: {},
    handmadeFlows: { enabled: false, points: [] },
    annotationsFrom: 'annotations',
    keys,
    says: { name: `${place}.epub`, format: 'epub', title, authors },
  };
  return {
    book: {
      ...fields,
      bookId,
      ownerId,
      publisher: dice.words(2),
      publishedOn: `${1950 + dice.number(70)}`,
      language: 'en',
      subjects,
      identifiers,
      seriesId: inSeries?.id ?? null,
      seriesIndex,
      coverHash,
      rating: isRead ? 1 + (place % 5) : null,
      status: isRead ? ('in_progress' as const) : ('not_started' as const),
      progress: isRead ? content.percentFinished : null,
      lastReadAt: isRead ? addedAt : null,
      addedAt,
      updatedAt: addedAt,
      origins: { title: 'file' as const, authors: 'file' as const, description: 'file' as const },
      hasFile: true,
      hasSidecar: isRead,
      ...sortColumns(fields),
    },
    checksum: { ownerId, partialMd5, bookId },
    file: {
      ...seen,
      fileId: derivedId('bench', 'file', String(place)),
      path,
      name: `${place}.epub`,
      sizeBytes: 500_000 + place,
      inode: place,
      format: 'epub',
      partialMd5,
      sha256: place.toString(16).padStart(64, '0'),
      bookId,
      metadata: JSON.stringify(metadata),
      coverHash,
    },
    sidecar: isRead
      ? [
          {
            ...seen,
            sidecarId,
            path: Buffer.from(`${FOLDER}/${folderName}/${place}.sdr/metadata.epub.lua`),
            name: 'metadata.epub.lua',
            sizeBytes: 9_000,
            bookId,
            partialMd5,
            content: JSON.stringify(content),
          },
        ]
      : [],
    marks: isRead
      ? keys.map((koreaderKey, index) => ({
          annotationId: derivedId('bench', 'mark', String(place), String(index)),
          ownerId,
          bookId,
          source: 'koreader' as const,
          sidecarId,
          koreaderKey,
          positionIndex: index,
          text: dice.words(25),
          note: index % 4 === 0 ? dice.words(10) : null,
          color: 'yellow',
          drawer: 'lighten',
          chapter: dice.words(3),
          pageNumber: index * 10,
          startPosition: `/body/DocFragment[${index + 1}]/body/p[3]/text().0`,
          endPosition: `/body/DocFragment[${index + 1}]/body/p[3]/text().90`,
          deviceDatetime: '2026-01-01 12:00:00',
          createdAt: addedAt,
          updatedAt: addedAt,
        }))
      : [],
  };
}
