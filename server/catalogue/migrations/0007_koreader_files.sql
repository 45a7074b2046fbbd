-- KOReader's other files beside a book, names that are one in two forms of Unicode, and files KOReader could not open again.

-- sidecar: metadata.<suffix>.lua; export: marks for another device; metadata and cover: what a person set over the book's own.
alter table koreader_sidecars add column kind text not null default 'sidecar'
  check (kind in ('sidecar', 'export', 'metadata', 'cover'));
-- It holds numbers Lua has no word for: KOReader would delete the file.
alter table koreader_sidecars add column fails_in_koreader integer not null default 0;
-- The path with its names composed (Unicode NFC), where that is another one.
alter table koreader_sidecars add column nfc_path blob;
alter table book_files add column nfc_path blob;

create index koreader_sidecars_fails on koreader_sidecars (read_at desc) where fails_in_koreader = 1;
create index koreader_sidecars_nfc on koreader_sidecars (nfc_path) where nfc_path is not null;
create index book_files_nfc on book_files (nfc_path) where nfc_path is not null;
create index book_files_name on book_files (owner_id, name) where book_id is not null;
