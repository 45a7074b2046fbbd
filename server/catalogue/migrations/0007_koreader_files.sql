-- KOReader's other files beside a book, names that are one in two forms of Unicode, and files KOReader could not open again.

-- What a person set in KOReader over the book's own (metadata, cover), and marks for another device (marks).
create table koreader_extras (
  extra_id text primary key,
  owner_id text not null references users (user_id) on delete cascade,
  folder_id text not null references library_folders (folder_id) on delete cascade,
  path blob not null unique,
  nfc_path blob,
  name text not null,
  kind text not null check (kind in ('metadata', 'cover', 'marks')),
  size_bytes integer not null,
  modified_ms integer not null,
  -- KOReader's checksum of the book, where the folder is named after it.
  partial_md5 text,
  -- The book where only its name tells, and the one that marks are of.
  book_id text references books (book_id) on delete set null,
  -- Fields of the book by the names the code gives them (JSON).
  content text,
  failure_reason text,
  failure_message text,
  reader_version integer not null,
  read_at integer not null
) strict;
create index koreader_extras_folder on koreader_extras (folder_id);
create index koreader_extras_md5 on koreader_extras (owner_id, partial_md5);
create index koreader_extras_book on koreader_extras (book_id) where book_id is not null;
create index koreader_extras_nfc on koreader_extras (nfc_path) where nfc_path is not null;

-- It holds numbers Lua has no word for: KOReader would delete the file.
alter table koreader_sidecars add column fails_in_koreader integer not null default 0;
create index koreader_sidecars_fails on koreader_sidecars (read_at desc) where fails_in_koreader = 1;

-- The path with its names composed (Unicode NFC), where that is another one.
alter table book_files add column nfc_path blob;
create index book_files_nfc on book_files (nfc_path) where nfc_path is not null;
create index book_files_name on book_files (owner_id, name) where book_id is not null;
