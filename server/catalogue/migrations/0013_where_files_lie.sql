-- A book's bytes have one door: a file of the server's own has no path, whatever place keeps it; and which kinds of storage
-- there are is said by the program alone.
drop index book_files_seen;
drop index book_files_path;
alter table book_files alter column path drop not null;
update book_files set path = null where folder_id is null;
create unique index book_files_path on book_files (path) where folder_id is not null;
create index book_files_seen on book_files (
  folder_id, path, size_bytes, modified_ms, reader_version, failure_reason, file_id
);

alter table storage_backends add column any_kind text;
update storage_backends set any_kind = kind;
alter table storage_backends drop column kind;
alter table storage_backends rename column any_kind to kind;
alter table storage_backends alter column kind set not null;
