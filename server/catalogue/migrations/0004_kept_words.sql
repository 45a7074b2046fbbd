-- What a person said of a mark that left KOReader's file, in case the mark comes back.

create table kept_words (
  book_id text not null references books (book_id) on delete cascade,
  -- KOReader's identity of the mark within its book.
  koreader_key text not null,
  -- Their words, and the device's own under them (JSON).
  words text not null,
  gone_at integer not null,
  primary key (book_id, koreader_key)
) strict, without rowid;
create index kept_words_gone on kept_words (gone_at);
