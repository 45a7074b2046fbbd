// Counts reading out of KOReader's statistics by SQL alone, with nothing of the server: tables of days, sessions and
// readings to the end, which the answers of the API are compared with.
import Database from 'better-sqlite3';
import { copyOf } from './moment.ts';

/** What a sidecar adds to the book of a checksum, as a Lua interpreter read it. */
export type ReadBookSidecar = {
  md5: string;
  type: 'book' | 'comic';
  /** The day KOReader was told the book is finished. */
  finishedOn: string | null;
  /** Pages set aside by hand. */
  hiddenPages: number;
  /** Pages the book has for every device, where KOReader makes them up from the amount of text. */
  stablePages: number | null;
};

/** A pause that ends a session, and the least reading of a book that makes a day one of reading, in seconds. */
const PAUSE_SEC = 300;
const LEAST_DAY_SEC = 30;
const MOST_SEC = 86_400;

/**
 * Returns a database of what was read, days of the given zone:
 * `books` (md5, title, authors, type), `days` (md5, day, sec, pages), `sessions` (md5, day, began, ended, sec),
 * `finished` (md5, began, ended, sec, sessions, pages). Files are merged: of one page read in several the longest time
 * counts, and the book opened last says how many pages it has.
 */
export function countReading({
  files,
  sidecars,
  zone,
  scratch,
}: {
  files: readonly string[];
  sidecars: readonly ReadBookSidecar[];
  zone: string;
  scratch: string;
}): Database.Database {
  const db = new Database(':memory:');
  db.function('day_of', { deterministic: true }, dayOf(zone));
  db.function('ends_in', { deterministic: true }, findEnds);
  db.exec(`
    create table raw_books (md5, title, authors, pages, last_open);
    create table raw_reads (md5, page, start, sec, total, unique (md5, page, start));
    create table sidecars (md5 primary key, type, finished_on, hidden, stable)`);
  for (const file of files) takeIn(db, copyOf(file, scratch));
  const insert = db.prepare(
    'insert into sidecars values (@md5, @type, @finishedOn, @hiddenPages, @stablePages)',
  );
  for (const sidecar of sidecars) insert.run(sidecar);
  db.exec(`
    create table books as
      with latest as (
        select *, row_number() over (partition by md5 order by last_open desc, pages desc, title, authors) as place
        from raw_books),
      shown as (
        select l.*, type, stable, pages - iif(hidden < pages, ifnull(hidden, 0), 0) as shown
        from latest l left join sidecars using (md5) where place = 1)
      select md5, title, authors, pages, shown, type, iif(shown > 0, ifnull(1.0 * stable / shown, 1.0), 1.0) as factor
      from shown;

    create table visits as
      with recursive span as (
        select r.md5, r.start, r.sec,
          case when r.total is null or b.pages = 0 then r.page else (r.page - 1) * b.pages / r.total + 1 end as first,
          case when r.total is null or b.pages = 0 then r.page else r.page * b.pages / r.total end as last
        from raw_reads r join books b using (md5)),
      spread as (
        select md5, start, first as page, max(first, last) as last, sec / (max(first, last) - first + 1) as sec,
          1 as n from span
        union all
        select md5, start, page + 1, last, sec, n + 1 from spread where page < last and n < 1000)
      select md5, start, page, sec, day_of(start) as day from spread where sec > 0;

    delete from visits where (md5, day) in (
      select md5, day from visits group by md5, day having sum(sec) < ${LEAST_DAY_SEC});

    create table days as
      select md5, day, sum(sec) as sec, cast(count(*) * factor + 0.5 as integer) as pages
      from visits join books using (md5) group by md5, day;

    create table sessions as
      with paused as (
        select *, start - lag(start + sec) over (partition by md5 order by start, page) as pause from visits),
      numbered as (
        select *, sum(pause is null or pause > ${PAUSE_SEC})
          over (partition by md5 order by start, page rows unbounded preceding) as number from paused)
      select md5, day_of(min(start)) as day, min(start) as began, max(start + sec) as ended, sum(sec) as sec
      from numbered group by md5, number;

    create table runs as
      select v.md5, f.value ->> 0 as first_row, f.value ->> 1 as last_row from (
        select md5, json_group_array(page order by start, page) as pages from visits group by md5) v
      join books b using (md5), json_each(ends_in(v.pages, b.shown)) f;`);
  finish(db);
  return db;
}

/** The rows between the first and the last of each run; then the books a person only said they finished. */
function finish(db: Database.Database): void {
  db.exec(`
    create table finished as
      with placed as (
        select *, row_number() over (partition by md5 order by start, page) - 1 as place from visits),
      inside as (
        select r.md5, r.first_row as run, null as said, p.start, p.page, p.sec from runs r
          join placed p on p.md5 = r.md5 and p.place between r.first_row and r.last_row
        union all
        select s.md5, 0, s.finished_on, p.start, p.page, p.sec from sidecars s join placed p on p.md5 = s.md5
          where s.finished_on is not null and not exists (select 1 from runs r where r.md5 = s.md5)
            and (p.day <= s.finished_on
              or not exists (select 1 from visits v where v.md5 = s.md5 and v.day <= s.finished_on))),
      paused as (
        select *, start - lag(start + sec) over (partition by md5, run order by start, page) as pause from inside)
      select md5, day_of(min(start)) as began, coalesce(said, day_of(max(start + sec))) as ended, sum(sec) as sec,
        sum(pause is null or pause > ${PAUSE_SEC}) as sessions,
        cast(count(distinct page) * factor + 0.5 as integer) as pages
      from paused join books using (md5) group by md5, run`);
}

/** Adds a file's books and page reads that KOReader can have written; without a checksum, title and authors name a book. */
function takeIn(db: Database.Database, file: string): void {
  db.prepare('attach ? as koreader').run(file);
  try {
    const has = (table: string, column: string) =>
      db.prepare('select 1 from pragma_table_info(?, ?) where name = ?').get(table, 'koreader', column) !==
      undefined;
    const [reads, total] = has('page_stat_data', 'total_pages')
      ? ['page_stat_data', 'total_pages']
      : ['page_stat', 'null'];
    const sec = has(reads, 'duration') ? 'duration' : 'period';
    const key = `case when length(md5) = 32 then lower(md5) else title || char(10) || ifnull(authors, '') end`;
    db.exec(`
      insert into raw_books select ${key}, title, ifnull(authors, ''), ifnull(pages, 0), ifnull(last_open, 0)
        from koreader.book;
      insert into raw_reads select ${key}, page, start_time, ${sec}, ${total}
        from koreader.${reads} r join koreader.book b on b.id = r.id_book
        where typeof(page) = 'integer' and typeof(start_time) = 'integer' and page >= 0 and start_time >= 0
          and ${sec} between 0 and ${MOST_SEC} and ifnull(${total}, 1) > 0
        on conflict do update set sec = excluded.sec, total = excluded.total
          where excluded.sec > sec or (excluded.sec = sec and excluded.total > total)`);
  } finally {
    db.exec('detach koreader');
  }
}

/** Days as the runtime's own calendar writes them; years below 1000 are filled with zeros. */
function dayOf(zone: string): (sec: number) => string {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  const known = new Map<number, string>();
  return (sec) => {
    // No zone changes its offset within a quarter of an hour.
    const quarter = Math.floor(sec / 900);
    const found = known.get(quarter);
    if (found !== undefined) return found;
    const part = Object.fromEntries(format.formatToParts(sec * 1000).map(({ type, value }) => [type, value]));
    const day = `${(part.year ?? '').padStart(4, '0')}-${part.month}-${part.day}`;
    known.set(quarter, day);
    return day;
  };
}

/**
 * Finds the readings to the end in the pages visited (a JSON list): first and last row of each, as JSON. Written as the rule
 * reads, one row after the other, and slow for it.
 */
function findEnds(pagesJson: string, total: number): string {
  const pages = JSON.parse(pagesJson) as number[];
  if (total <= 0) return '[]';
  const isWhole = (from: number, to: number) => {
    const part = pages.slice(from, to);
    return (
      new Set(part).size >= 0.78 * total &&
      part.some((page) => page <= Math.floor(total / 5)) &&
      part.some((page) => page >= Math.floor(total * 0.98))
    );
  };
  const starts = [0];
  for (const [row, page] of pages.entries()) {
    const current = pages.slice(starts.at(-1), row);
    const isFirstPages = page <= Math.floor(total / 20);
    const wasFurther = (current.at(-1) ?? 0) > Math.floor(total / 5);
    const hasBegun = current.some((page) => page <= Math.floor(total / 5));
    if (isFirstPages && wasFurther && hasBegun && isWhole(row, pages.length)) starts.push(row);
  }
  const ends = starts.flatMap((from, index) => {
    const to = starts[index + 1] ?? pages.length;
    if (!isWhole(from, to)) return [];
    // What comes after the last page that was new is looking things up.
    const last = pages.findLastIndex((page, row) => row < to && pages.indexOf(page, from) === row);
    return [[from, last]];
  });
  return JSON.stringify(ends);
}
