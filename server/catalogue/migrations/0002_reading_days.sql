-- Reading worked out of page reads, book by book, so that a chart over ten years is a sum and not a recount.
-- Days are reading days of the server's zone and day start; settings key 'reading.derived' says which.

create table read_days (
  read_book_id integer not null references read_books (read_book_id) on delete cascade,
  day text not null,
  read_sec integer not null,
  pages integer not null,
  primary key (read_book_id, day)
) strict, without rowid;
-- Charts go through all days in order: everything they need of a row is here, and nothing has to be sorted.
create index read_days_day on read_days (day, read_book_id, read_sec, pages);

create table read_sessions (
  read_book_id integer not null references read_books (read_book_id) on delete cascade,
  started_sec integer not null,
  ended_sec integer not null,
  read_sec integer not null,
  day text not null,
  primary key (read_book_id, started_sec)
) strict, without rowid;
create index read_sessions_day on read_sessions (day, read_book_id, started_sec, ended_sec, read_sec);

create table read_completions (
  read_book_id integer not null references read_books (read_book_id) on delete cascade,
  number integer not null,
  start_day text not null,
  end_day text not null,
  started_sec integer not null,
  ended_sec integer not null,
  read_sec integer not null,
  session_count integer not null,
  pages integer not null,
  -- Found in the pages read, or told by KOReader's own "finished".
  source text not null check (source in ('pages', 'mark')),
  primary key (read_book_id, number)
) strict, without rowid;
create index read_completions_end on read_completions (end_day);

-- What the sidecars add to the count of a book's pages.
alter table read_books add column page_factor real not null default 1;
alter table read_books add column hidden_pages integer not null default 0;
alter table read_books add column finished_on text;
