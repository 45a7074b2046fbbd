-- What a folder looked like when its books were last seen, what of it is in doubt, and what is remembered of files that left.

-- Device and inode of the folder itself.
alter table library_folders add column root_identity text;
-- What was not found and is kept until the person says that it is gone (JSON).
alter table library_folders add column missing text;
-- Why it could not be looked into the last time: a sentence for the person.
alter table library_folders add column trouble text;
-- How many files of kinds that are not read lie in it, by the endings of their names (JSON).
alter table library_folders add column not_read text not null default '{}';

-- Where the files of books lay that are gone: an edited copy put there later is still the book.
create table former_files (
  path blob primary key,
  owner_id text not null references users (user_id) on delete cascade,
  book_id text not null references books (book_id) on delete cascade,
  -- What the file said of its title, and its identifiers (JSON).
  metadata text not null
) strict, without rowid;
create index former_files_owner on former_files (owner_id);
create index former_files_book on former_files (book_id);

-- Ids of books that were cleared away because nothing of them was left: whoever has the same checksum gets the id back.
create table former_books (
  owner_id text not null references users (user_id) on delete cascade,
  partial_md5 text not null,
  book_id text not null,
  primary key (owner_id, partial_md5)
) strict, without rowid;

-- What keeps others from reading the file: lcp, adobe, kindle, apple or unknown.
alter table book_files add column protection text;
create index book_files_protected on book_files (owner_id, name) where protection is not null;
