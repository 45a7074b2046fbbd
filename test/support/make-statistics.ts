// Makes statistics databases with the tables of KOReader's past and present versions.
import Database from 'better-sqlite3';

/** 1 is KOReader before v2020.11, 20201022 before v2022.11, 20221111 is today's. */
export type StatisticsSchema = 1 | 20201022 | 20221111;

export type StatisticsContent = {
  schema?: StatisticsSchema;
  /** Ids count from 1 in this order unless given. */
  books?: Partial<StatisticsBookRow>[];
  reads?: StatisticsReadRow[];
  /** WAL leaves the rows in the -wal file of the connection that is returned open. */
  journal?: 'wal' | 'delete';
};

export type StatisticsBookRow = {
  id: number;
  title: unknown;
  authors: unknown;
  notes: unknown;
  last_open: unknown;
  highlights: unknown;
  pages: unknown;
  series: unknown;
  language: unknown;
  md5: unknown;
  total_read_time: unknown;
  total_read_pages: unknown;
};

/** [id_book, page, start_time, duration, total_pages]; schema 1 has no total_pages. */
export type StatisticsReadRow = [
  idBook: unknown,
  page: unknown,
  startTime: unknown,
  duration: unknown,
  totalPages: unknown,
];

const BOOK = `create table book (id integer primary key autoincrement, title text, authors text, notes integer,
  last_open integer, highlights integer, pages integer, series text, language text, md5 text,
  total_read_time integer, total_read_pages integer)`;

const DATA = `create table page_stat_data (id_book integer, page integer not null default 0,
  start_time integer not null default 0, duration integer not null default 0, total_pages integer not null default 0,
  unique (id_book, page, start_time), foreign key (id_book) references book (id));
create index page_stat_data_start_time on page_stat_data (start_time);
create table numbers (number integer primary key);
with recursive counter (n) as (select 1 union all select n + 1 from counter where n < 1000)
  insert into numbers select n from counter;
create view page_stat as
  with span as (
    select id_book, start_time, duration, (page - 1) * pages / total_pages + 1 as first_page,
      max((page - 1) * pages / total_pages + 1, page * pages / total_pages) as last_page
    from page_stat_data join book on book.id = id_book
  )
  select id_book, first_page + number - 1 as page, start_time, duration / (last_page - first_page + 1) as duration
  from span join numbers on number <= last_page - first_page + 1`;

const OLD_DATA = `create table page_stat (id_book integer, page integer not null, start_time integer not null,
  period integer not null, unique (page, start_time), foreign key (id_book) references book (id));
create index page_stat_id_book on page_stat (id_book);
create table info (version integer); insert into info values (1)`;

/** Creates a statistics database and returns the connection that wrote it; the caller closes it. */
export function makeStatistics(path: string, content: StatisticsContent = {}): Database.Database {
  const { schema = 20221111, books = [], reads = [], journal = 'delete' } = content;
  const db = new Database(path);
  db.pragma(`journal_mode = ${journal}`);
  db.pragma('foreign_keys = off');
  const unique = schema === 20221111 ? 'unique' : '';
  db.exec(`${BOOK}; create ${unique} index book_title_authors_md5 on book (title, authors, md5)`);
  db.exec(schema === 1 ? OLD_DATA : DATA);
  if (schema !== 1) db.pragma(`user_version = ${schema}`);
  const insertBook = db.prepare(
    `insert into book values (@id, @title, @authors, @notes, @last_open, @highlights, @pages, @series, @language, @md5,
      @total_read_time, @total_read_pages)`,
  );
  const insertRead =
    schema === 1
      ? db.prepare('insert into page_stat values (?, ?, ?, ?)')
      : db.prepare('insert into page_stat_data values (?, ?, ?, ?, ?)');
  db.transaction(() => {
    books.forEach((book, index) => insertBook.run({ ...bookRow(index + 1), ...book }));
    for (const read of reads) insertRead.run(...(schema === 1 ? read.slice(0, 4) : read));
  })();
  return db;
}

const bookRow = (id: number): StatisticsBookRow => ({
  id,
  title: `Book ${id}`,
  authors: 'Some Author',
  notes: 0,
  last_open: 1_700_000_000,
  highlights: 0,
  pages: 100,
  series: 'N/A',
  language: 'en',
  md5: id.toString(16).padStart(32, '0'),
  total_read_time: 0,
  total_read_pages: 0,
});
