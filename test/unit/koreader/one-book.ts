// One book, its library, two devices and both APIs, beside the model of who spoke last.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { AppError } from '../../../server/base/errors.ts';
import { createEvents } from '../../../server/base/events.ts';
import { silentLog } from '../../../server/base/log.ts';
import type { Catalogue } from '../../../server/catalogue/catalogue.ts';
import { CATALOGUE_FILE, openCatalogue } from '../../../server/catalogue/open.ts';
import { readSidecar } from '../../../server/formats/koreader/sidecar.ts';
import type { Pool } from '../../../server/formats/workers/pool.ts';
import { putFolder } from '../../../server/sources/sources.queries.ts';
import { writeSidecarWork } from '../../../server/koreader/write-sidecar.ts';
import { createJobs } from '../../../server/jobs/runner.ts';
import { createEditMarks } from '../../../server/koreader/edit-marks.ts';
import { forgetSidecars, takeInSidecar } from '../../../server/koreader/ingest-sidecar.ts';
import { createWriteback } from '../../../server/koreader/writeback.ts';
import { createBooks } from '../../../server/library/books.ts';
import { createAnnotations } from '../../../server/marks/annotations.ts';
import { createBookmarks } from '../../../server/marks/bookmarks.ts';
import { koreaderColorOf } from '../../../server/marks/colors.ts';
import { createMarks } from '../../../server/marks/marks.ts';
import { createProgress } from '../../../server/reading/progress.ts';
import { at } from '../../support/clock.ts';
import type { SetClock } from '../../support/clock.ts';
import { createKoreaderDevice } from '../../support/koreader-device.ts';
import type { KoreaderDevice } from '../../support/koreader-device.ts';
import { createLastWords } from './last-words.ts';

const MD5 = 'a'.repeat(32);
/** The lines everybody knows from the beginning. */
export const LINES = ['one', 'two'];
/** The line that was marked last. */
export const NEWEST = 'newest';
export const FIELDS = ['note', 'color', 'drawer'] as const;
type Field = (typeof FIELDS)[number];

/** Files have the real time when this program writes them: the hands move later than that. */
export const BEGIN = '2100-01-01T00:00:00Z';

type ShownMark = Record<Field, string | null> & {
  id: string;
  sidecarId: string | null;
  isHighlight: boolean;
};

export type World = ReturnType<typeof createWorld>;

/** What all runs stand on: `template` is the data folder of a new library, `ownerId` whose it is. */
export type Ground = { template: string; ownerId: string; pool: Pool };

/** Returns a library in `home`, the devices that write into it, and the model beside them. */
export function createWorld({ template, ownerId, pool }: Ground, home: string, enabled: boolean) {
  const dataDir = join(home, 'data');
  const library = join(home, 'library');
  for (const dir of [dataDir, library]) mkdirSync(dir, { recursive: true });
  copyFileSync(join(template, CATALOGUE_FILE), join(dataDir, CATALOGUE_FILE));
  const clock: SetClock = at(BEGIN);
  const fresh = { partial_md5_checksum: MD5, percent_finished: 0.001, annotations: [] };
  const places = [
    'emma.sdr/metadata.epub.lua',
    'koreader/docsettings/mnt/emma.sdr/metadata.epub.lua',
    `koreader/hashdocsettings/aa/${MD5}.sdr/metadata.epub.lua`,
  ].map((path) => join(library, path));
  /** Where the files of the second device come to, and where it has them itself. */
  const mirror = join(library, 'tablet/docsettings/sd/emma.sdr/metadata.epub.lua');
  const tablet = join(home, 'tablet/emma.sdr/metadata.epub.lua');
  const devices: [KoreaderDevice, KoreaderDevice] = [
    createKoreaderDevice({ paths: places, clock, fresh }),
    createKoreaderDevice({ paths: [tablet], clock, fresh }),
  ];
  let isPending = false;
  /** One device alone, with its own last file: of its words the last one stands. */
  let isAlone = true;

  let parts = open();
  function open() {
    const events = createEvents();
    const catalogue: Catalogue = openCatalogue({ dataDir, clock, events });
    catalogue.read((db) => db.$client.pragma('synchronous = off'));
    const folder = { folderId: 'folder', ownerId, path: Buffer.from(library), addedAt: clock.now() };
    catalogue.write({}, (db) => putFolder(db, folder));
    const jobs = createJobs({ catalogue, clock, events, log: silentLog() });
    const how = {
      catalogue,
      clock,
      events,
      jobs,
      pool,
      log: silentLog(),
      zone: () => 'UTC',
      enabled: () => enabled,
    };
    const writeback = createWriteback(how);
    const annotations = createAnnotations({ catalogue, clock });
    const bookmarks = createBookmarks({ catalogue, clock });
    const editMarks = createEditMarks({ annotations, bookmarks, writeback });
    jobs.start([writeSidecarWork({ writeback })]);
    const books = createBooks({ catalogue, clock });
    const progress = createProgress({ catalogue, clock });
    return { catalogue, jobs, writeback, editMarks, books, progress, marks: createMarks({ catalogue }) };
  }

  let lastMarked = NEWEST;
  const words = createLastWords();

  /** The first column of the first row, undefined when there is none. */
  const one = (sql: string, ...values: unknown[]): unknown =>
    parts.catalogue.read((db) =>
      db.$client
        .prepare(sql)
        .pluck()
        .get(...values),
    );
  const bookId = () => one('select book_id from books') as string | undefined;
  const marks = () => {
    const id = bookId();
    const { highlights, bookmarks } =
      id === undefined ? { highlights: [], bookmarks: [] } : parts.marks.ofBook(id);
    return new Map<string | null, ShownMark>([
      ...highlights.map(
        (mark) => [mark.text, { ...mark, id: mark.annotationId, isHighlight: true }] as const,
      ),
      ...bookmarks.map(
        (mark) => [mark.text, { ...mark, id: mark.bookmarkId, drawer: null, isHighlight: false }] as const,
      ),
    ]);
  };
  const bookNow = () => {
    const id = bookId();
    return id === undefined ? undefined : parts.books.get(ownerId, id);
  };

  /** A person's word; what was refused was not said, and what stands here already is none. */
  async function person(key: string, value: unknown, saying: () => unknown): Promise<void> {
    const atMs = clock.now().getTime();
    try {
      await saying();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return;
    }
    if (key.startsWith('-')) words.remove(key.slice(1));
    else words.person(key, value, atMs);
  }

  /** Tells the model what a file says, by what the catalogue knew of it before. */
  function hear(path: string): void {
    const { annotations, summary, percentFinished } = readSidecar(readFileSync(path));
    const wroteMs = Math.floor(statSync(path).mtimeMs);
    for (const mark of annotations) {
      const { text = '', datetimeUpdated } = mark;
      const known = one('select device_datetime_updated from annotations where text = ?', text);
      const dated = datetimeUpdated !== undefined && datetimeUpdated !== known;
      const saidMs = dated ? Math.min(Date.parse(`${datetimeUpdated.replace(' ', 'T')}Z`), wroteMs) : wroteMs;
      for (const field of FIELDS) words.device(`${text} ${field}`, mark[field] ?? null, saidMs);
    }
    const content = one('select content from koreader_sidecars where path = ?', Buffer.from(path)) as
      | string
      | undefined;
    const before =
      content === undefined ? undefined : (JSON.parse(content) as ReturnType<typeof readSidecar>);
    const dayMs = summary?.modified === undefined ? undefined : Date.parse(summary.modified);
    const isDated = summary?.modified !== before?.summary?.modified || before === undefined;
    const saidMs = !isDated
      ? wroteMs
      : dayMs === undefined
        ? -Infinity
        : Math.min(dayMs + 86_400_000, wroteMs);
    const has = Number(one('select count(*) from koreader_sidecars'));
    for (const [key, value] of [
      ['rating', summary?.rating ?? null],
      ['review', summary?.note ?? null],
      ['status', summary?.status ?? null],
    ] as const) {
      const word = words.get(key);
      // What a summary says is dated by the day: on a later day than the person spoke it may say anything again.
      const isLaterDay = word !== undefined && isDated && dayMs !== undefined && dayMs > word.atMs;
      // Ratings and states are few: the same one again may be said anew, or be a copy.
      const isFew =
        key !== 'review' &&
        saidMs >= (word?.atMs ?? 0) &&
        word?.value !== value &&
        before?.summary?.[key] !== value;
      if (has > 0 || word?.by !== 'person' || isLaterDay)
        words.device(key, value, saidMs, { isAgain: isLaterDay || isFew });
    }
    const isOther = percentFinished !== before?.percentFinished;
    if (isOther) words.device('place', percentFinished ?? null, wroteMs, { isAgain: true });
  }

  const files = () => [...places, mirror].filter((path) => existsSync(path)).toSorted();

  async function scan(): Promise<void> {
    const rows = parts.catalogue.read((db) =>
      db.$client.prepare('select sidecar_id as fileId, path, size_bytes as size, modified_ms as ms from koreader_sidecars').all(),
    ) as { fileId: string; path: Buffer; size: number; ms: number }[]; // prettier-ignore
    for (const path of files()) {
      const { size, mtimeMs } = statSync(path);
      const known = rows.find((each) => each.path.toString() === path);
      if (known?.size === size && known.ms === Math.floor(mtimeMs)) continue;
      hear(path);
      const place = {
        ownerId,
        folderId: 'folder',
        path: Buffer.from(path),
        sizeBytes: size,
        modifiedMs: Math.floor(mtimeMs),
      };
      const sidecar = readSidecar(readFileSync(path));
      parts.catalogue.write({}, (db) => takeInSidecar(db, place, sidecar, { now: clock.now(), zone: 'UTC' }));
    }
    const gone = rows.filter(({ path }) => !existsSync(path.toString()));
    parts.catalogue.write({}, (db) => forgetSidecars(db, ownerId, gone, clock.now()));
    parts.writeback.catchUp();
    await parts.jobs.settled();
    check();
  }

  /** What the catalogue shows is what was said last, and with writeback KOReader's file says so too. */
  function check(): void {
    const shown = marks();
    for (const text of shown.keys()) expect(words.removed(text ?? ''), `${text} was removed`).toBe(false);
    const book = bookNow();
    const expectKept = (key: string, value: unknown) => words.expectKept(key, value, { alone: isAlone });
    for (const [text, mark] of shown) for (const field of FIELDS) expectKept(`${text} ${field}`, mark[field]);
    if (book === undefined) return;
    expectKept('rating', book.rating);
    expectKept('review', book.reviewNote);
    expectKept('place', book.progress);
    const word = words.get('status');
    if (word?.by === 'person' && word.later.length === 0) expect(book.status, 'status').toBe(word.value);
    const newest = devices[0].newest();
    if (!enabled || newest === undefined) return;
    const says = readSidecar(readFileSync(newest));
    for (const inFile of says.annotations) {
      expect(words.removed(inFile.text ?? ''), `${inFile.text} in the file`).toBe(false);
      const mark = shown.get(inFile.text ?? '');
      const holder = one('select path from koreader_sidecars where sidecar_id = ?', mark?.sidecarId);
      if (mark === undefined || String(holder) !== newest) continue;
      expect(inFile.note ?? null, `the note of ${inFile.text} in the file`).toBe(mark.note);
      expect(inFile.color, `the colour of ${inFile.text} in the file`).toBe(
        koreaderColorOf(mark.color ?? ''),
      );
      expect(inFile.drawer ?? null, `the drawer of ${inFile.text} in the file`).toBe(mark.drawer);
    }
  }

  return {
    clock,
    scan,
    device: (index: 0 | 1) => devices[index],
    textOf: (line: string) => (line === NEWEST ? lastMarked : line),
    mark(index: 0 | 1, text: string): void {
      if (devices[index].mark(text)) lastMarked = text;
    },
    save(index: 0 | 1, closing: boolean): void {
      if (devices[index].save({ closing }) === undefined || index === 0) return;
      isPending = true;
      isAlone = false;
    },
    /** The files of the second device come and go: what it wrote, or else what is new for it. */
    exchange(): void {
      if (!isPending && devices[1].isOpen()) return;
      const [from, to] = isPending ? [tablet, mirror] : [mirror, tablet];
      isPending = false;
      if (!existsSync(from)) return;
      copy(from, to);
    },
    /** The second device begins with a copy of what the first one has. */
    clone(): void {
      const from = devices[0].newest();
      if (from === undefined || existsSync(tablet) || devices[1].isOpen()) return;
      copy(from, tablet);
      isPending = true;
      isAlone = false;
    },
    /** An old copy of the first device's file is put back, with its time. */
    putBack: (() => {
      let kept: string | undefined;
      return () => {
        isAlone = false;
        const from = devices[0].newest();
        const backup = join(home, 'backup.lua');
        if (kept === undefined && from !== undefined) {
          copy(from, backup);
          kept = from;
        } else if (kept !== undefined && !devices[0].isOpen()) {
          copy(backup, kept);
          kept = undefined;
        }
      };
    })(),
    /** The library is copied, and later put back as it was. */
    restore: async () => {
      const copyOf = join(home, 'copy.sqlite');
      if (!words.keepOrGoBack()) {
        parts.catalogue.read((db) => db.$client.pragma('wal_checkpoint(truncate)'));
        copyFileSync(join(dataDir, CATALOGUE_FILE), copyOf);
        return;
      }
      isAlone = false;
      await parts.jobs.close();
      parts.catalogue.close();
      copyFileSync(copyOf, join(dataDir, CATALOGUE_FILE));
      parts = open();
    },
    async sayMark(text: string, field: Field, word: string, face: 'papyrus' | 'koshelf') {
      const mark = marks().get(text);
      const id = bookId();
      if (mark === undefined || id === undefined) return;
      const change = { [field]: word };
      const { editMarks, writeback } = parts;
      if (face === 'koshelf' || field === 'drawer') {
        await person(`${text} ${field}`, word, () => writeback.changeMark(ownerId, id, mark.id, change));
      } else if (mark.isHighlight) {
        await person(`${text} ${field}`, word, () =>
          editMarks.changeAnnotation(ownerId, mark.id, change, 'phone'),
        );
      }
    },
    async remove(text: string, face: 'papyrus' | 'koshelf') {
      const mark = marks().get(text);
      const id = bookId();
      if (mark === undefined || id === undefined) return;
      await person(`-${text}`, true, () =>
        face === 'koshelf'
          ? parts.writeback.removeMark(ownerId, id, mark.id)
          : parts.editMarks.removeAnnotation(ownerId, mark.id, 'phone'),
      );
    },
    async sayBook(
      change: {
        rating?: number;
        review?: string;
        status?: 'completed' | 'abandoned' | 'in_progress';
        place?: number;
      },
      face: 'papyrus' | 'koshelf',
    ) {
      const id = bookId();
      if (id === undefined) return;
      const { rating, review, status, place } = change;
      const { writeback, books, progress } = parts;
      const inFile = { completed: 'complete', abandoned: 'abandoned', in_progress: 'reading' } as const;
      const now = bookNow();
      if (rating !== undefined && rating !== now?.rating)
        await person('rating', rating, () =>
          face === 'koshelf'
            ? writeback.changeItem(ownerId, id, { rating })
            : books.change(ownerId, id, { rating }, 'phone'),
        );
      if (review !== undefined)
        await person('review', review, () => writeback.changeItem(ownerId, id, { reviewNote: review }));
      if (status !== undefined && status !== now?.status)
        await person('status', status, () =>
          face === 'koshelf'
            ? writeback.changeItem(ownerId, id, { status: inFile[status] })
            : books.change(ownerId, id, { status }, 'phone'),
        );
      if (place !== undefined)
        await person('place', place, () => progress.change(ownerId, id, { progress: place }, 'phone'));
    },
    async close() {
      await parts.jobs.close();
      parts.catalogue.close();
      rmSync(home, { recursive: true });
    },
  };
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  const { atime, mtime } = statSync(from);
  copyFileSync(from, to);
  utimesSync(to, atime, mtime);
}
