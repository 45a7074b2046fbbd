-- The catalogue: people, their books, what files say of them, marks, reading and long work.
-- Ids are UUID text, instants INTEGER milliseconds since 1970 UTC (names end in _at), lists and maps JSON text.

create table settings (
  key text primary key,
  value text not null
) strict, without rowid;

create table users (
  user_id text primary key,
  -- Null until the server is claimed: the shelf has an owner before anybody signed up.
  email text collate nocase unique,
  display_name text not null,
  avatar_url text,
  password_hash text,
  email_verified integer not null default 0,
  preferences text not null default '{}',
  created_at integer not null,
  last_login_at integer,
  disabled_at integer
) strict;

-- A device signed in to the Papyrus API. Tokens are kept as SHA-256 only.
create table user_sessions (
  session_id text primary key,
  user_id text not null references users (user_id) on delete cascade,
  refresh_hash text not null unique,
  previous_refresh_hash text,
  client_type text not null default 'unknown',
  device_label text,
  created_at integer not null,
  last_seen_at integer not null,
  expires_at integer not null,
  revoked_at integer
) strict;
create index user_sessions_user on user_sessions (user_id);
create index user_sessions_previous on user_sessions (previous_refresh_hash) where previous_refresh_hash is not null;

-- A browser signed in to the KoShelf API.
create table koshelf_sessions (
  session_id text primary key,
  token_hash text not null unique,
  user_agent text,
  last_seen_ip text,
  created_at integer not null,
  last_seen_at integer not null,
  expires_at integer not null
) strict;

create table series (
  series_id text primary key,
  owner_id text not null references users (user_id) on delete cascade,
  name text not null,
  created_at integer not null,
  updated_at integer not null,
  version integer not null default 1
) strict;
create unique index series_owner_name on series (owner_id, lower(name));

-- What a person owns or wrote. What files say is kept with the files and can be read again.
create table books (
  -- What the search keeps its sets of: every index has it at no cost.
  number integer primary key,
  book_id text not null unique,
  owner_id text not null references users (user_id) on delete cascade,
  title text not null,
  subtitle text,
  authors text not null default '[]',
  isbn text,
  isbn13 text,
  published_on text,
  publisher text,
  language text,
  page_count integer,
  description text,
  subjects text not null default '[]',
  identifiers text not null default '[]',
  series_id text references series (series_id) on delete set null,
  series_index text,
  content_type text not null default 'book' check (content_type in ('book', 'comic')),
  cover_hash text,
  cover_image_url text,
  is_physical integer not null default 0,
  physical_location text,
  lent_to text,
  lent_at integer,
  is_favorite integer not null default 0,
  rating integer check (rating between 1 and 5),
  review_note text,
  status text not null default 'not_started'
    check (status in ('not_started', 'in_progress', 'paused', 'completed', 'abandoned')),
  progress real check (progress between 0 and 1),
  current_page integer,
  current_locator text,
  started_at integer,
  completed_at integer,
  last_read_at integer,
  added_at integer not null,
  updated_at integer not null,
  custom_metadata text not null default '{}',
  is_ocr_processed integer not null default 0,
  ocr_confidence real,
  -- Field name to where its value came from: person, file, sidecar, name. A person's field is locked.
  origins text not null default '{}',
  -- Lower-cased and unaccented, to sort by.
  sort_title text not null default '',
  sort_author text,
  -- Books without a file are shown by one API and not by the other.
  has_file integer not null default 0,
  has_sidecar integer not null default 0,
  -- The size of the largest of the files and all their formats (' epub pdf '), null without one: written by catalogue/file-facts.ts.
  file_bytes integer,
  file_formats text,
  -- Set when the last file left the disk and nothing of the person's hangs on the book: no list shows it, a file brings it back.
  absent_since integer,
  version integer not null default 1
) strict;
create index books_series on books (series_id) where series_id is not null;
-- Partial, so that no list is read by it.
create index books_counts on books (owner_id, content_type) where absent_since is null;
-- Everything a list shows: rows are wide (descriptions), lists of ten thousand must not read them.
create index books_overview on books (
  owner_id, book_id, sort_title, sort_author, title, authors, series_id, series_index, status, progress, rating,
  last_read_at, cover_hash, content_type, has_file, has_sidecar, absent_since
);
-- Everything a person's own list is sorted and filtered by, for the same reason.
create index books_list on books (
  owner_id, book_id, status, is_physical, is_favorite, series_id, added_at, rating, progress, updated_at, last_read_at,
  started_at, completed_at, published_on, page_count, series_index, file_bytes, file_formats, has_file, language,
  sort_title, sort_author
) where absent_since is null;
-- One for each order of a list, so that a page far down the list is reached without sorting what is before it.
create index books_by_title on books (owner_id, sort_title, book_id) where absent_since is null;
create index books_by_author on books (owner_id, sort_author, book_id) where absent_since is null;
create index books_by_added on books (owner_id, added_at, book_id) where absent_since is null;
create index books_by_updated on books (owner_id, updated_at, book_id) where absent_since is null;
create index books_by_last_read on books (owner_id, last_read_at, book_id) where absent_since is null;
create index books_by_started on books (owner_id, started_at, book_id) where absent_since is null;
create index books_by_completed on books (owner_id, completed_at, book_id) where absent_since is null;
create index books_by_published on books (owner_id, published_on, book_id) where absent_since is null;
create index books_by_rating on books (owner_id, rating, book_id) where absent_since is null;
create index books_by_pages on books (owner_id, page_count, book_id) where absent_since is null;
create index books_by_progress on books (owner_id, progress, book_id) where absent_since is null;
create index books_by_series_number on books (owner_id, cast(series_index as real), book_id) where absent_since is null;
create index books_by_size on books (owner_id, file_bytes, book_id) where absent_since is null;
create index books_by_status on books (owner_id, status, book_id) where absent_since is null;
create index books_by_favorite on books (owner_id, is_favorite, book_id) where absent_since is null;
-- The few books with fields a person made up, and those they lent.
create index books_own_fields on books (owner_id, book_id) where custom_metadata <> '{}';
-- What left the lists.
create index books_absent on books (owner_id, absent_since) where absent_since is not null;
create index books_lent on books (owner_id, book_id) where lent_to is not null;
create index books_owner_isbn13 on books (owner_id, isbn13) where isbn13 is not null;

-- Every KOReader checksum a book was ever known by, so that history finds it after a file changes or moves.
create table book_checksums (
  owner_id text not null references users (user_id) on delete cascade,
  partial_md5 text not null,
  book_id text not null references books (book_id) on delete cascade,
  primary key (owner_id, partial_md5)
) strict, without rowid;
create index book_checksums_book on book_checksums (book_id);

create table library_folders (
  folder_id text primary key,
  owner_id text not null references users (user_id) on delete cascade,
  kind text not null default 'library' check (kind in ('library', 'docsettings', 'hashdocsettings')),
  -- The bytes of the path: names need not be valid UTF-8.
  path blob not null unique,
  -- From the command line or the configuration; the desk cannot remove it.
  fixed integer not null default 0,
  added_at integer not null,
  last_scan_at integer
) strict;
create index library_folders_owner on library_folders (owner_id);

-- A file on disk as it was last seen: it belongs to a book, or could not be read, or the person removed its book.
create table book_files (
  file_id text primary key,
  owner_id text not null references users (user_id) on delete cascade,
  -- Null for a file the person uploaded: it lies among the server's own, under the same id in stored_files.
  folder_id text references library_folders (folder_id) on delete cascade,
  path blob not null,
  name text not null,
  size_bytes integer not null,
  modified_ms integer not null,
  inode integer,
  format text,
  partial_md5 text,
  sha256 text,
  book_id text references books (book_id) on delete cascade,
  -- What the file says of its book (BookMetadata as JSON), chapters included.
  metadata text,
  cover_hash text,
  failure_reason text,
  failure_message text,
  -- The person removed the book: the file stays where it is and is not taken in again.
  dismissed_at integer,
  reader_version integer not null,
  read_at integer not null
) strict;
-- Uploaded files with the same bytes are one file on the disk.
create unique index book_files_path on book_files (path) where folder_id is not null;
create index book_files_book on book_files (book_id, size_bytes) where book_id is not null;
-- What a scan compares with the disk, without the metadata beside it.
create index book_files_seen on book_files (
  folder_id, path, size_bytes, modified_ms, reader_version, failure_reason, file_id
);
create index book_files_sha256 on book_files (owner_id, sha256) where sha256 is not null;
create index book_files_failed on book_files (owner_id, read_at desc) where failure_reason is not null;

create table koreader_sidecars (
  sidecar_id text primary key,
  owner_id text not null references users (user_id) on delete cascade,
  folder_id text not null references library_folders (folder_id) on delete cascade,
  path blob not null unique,
  name text not null,
  size_bytes integer not null,
  modified_ms integer not null,
  book_id text references books (book_id) on delete cascade,
  partial_md5 text,
  -- Everything the program needs of it besides its annotations (JSON); the file itself stays the truth.
  content text,
  failure_reason text,
  failure_message text,
  -- The person removed the book: the file stays where it is and is not taken in again.
  dismissed_at integer,
  reader_version integer not null,
  read_at integer not null
) strict;
create index koreader_sidecars_book on koreader_sidecars (book_id) where book_id is not null;
create index koreader_sidecars_folder on koreader_sidecars (folder_id);
create index koreader_sidecars_md5 on koreader_sidecars (owner_id, partial_md5) where partial_md5 is not null;
create index koreader_sidecars_failed on koreader_sidecars (owner_id, read_at desc) where failure_reason is not null;

-- Highlights, with or without a note.
create table annotations (
  number integer primary key,
  annotation_id text not null unique,
  owner_id text not null references users (user_id) on delete cascade,
  book_id text not null references books (book_id) on delete cascade,
  source text not null check (source in ('papyrus', 'koreader')),
  sidecar_id text references koreader_sidecars (sidecar_id) on delete set null,
  -- KOReader's identity of the mark within its book; null for marks of other devices.
  koreader_key text,
  position_index integer not null default 0,
  text text,
  note text,
  color text,
  drawer text,
  chapter text,
  page_number integer,
  start_position text,
  end_position text,
  -- The device's own words for when, without a zone, beside the instants worked out from them.
  device_datetime text,
  device_datetime_updated text,
  created_at integer,
  updated_at integer not null,
  version integer not null default 1
) strict;
create index annotations_book on annotations (book_id, position_index, annotation_id);
create unique index annotations_koreader on annotations (book_id, koreader_key) where koreader_key is not null;
create index annotations_sidecar on annotations (sidecar_id) where sidecar_id is not null;
create index annotations_owner on annotations (owner_id, book_id);

create table bookmarks (
  number integer primary key,
  bookmark_id text not null unique,
  owner_id text not null references users (user_id) on delete cascade,
  book_id text not null references books (book_id) on delete cascade,
  source text not null check (source in ('papyrus', 'koreader')),
  sidecar_id text references koreader_sidecars (sidecar_id) on delete set null,
  koreader_key text,
  position_index integer not null default 0,
  text text,
  note text,
  color text,
  chapter text,
  page_number integer,
  position text,
  device_datetime text,
  device_datetime_updated text,
  created_at integer,
  updated_at integer not null,
  version integer not null default 1
) strict;
create index bookmarks_book on bookmarks (book_id, position_index, bookmark_id);
create unique index bookmarks_koreader on bookmarks (book_id, koreader_key) where koreader_key is not null;
create index bookmarks_sidecar on bookmarks (sidecar_id) where sidecar_id is not null;
create index bookmarks_owner on bookmarks (owner_id, book_id);

-- A KOReader statistics database of one device, or of several that KOReader already merged.
create table statistics_files (
  file_id text primary key,
  owner_id text not null references users (user_id) on delete cascade,
  path blob not null unique,
  fixed integer not null default 0,
  size_bytes integer,
  modified_ms integer,
  wal_size_bytes integer,
  wal_modified_ms integer,
  books integer not null default 0,
  page_reads integer not null default 0,
  failure_reason text,
  failure_message text,
  added_at integer not null,
  last_import_at integer
) strict;
create index statistics_files_owner on statistics_files (owner_id);

-- A book as KOReader's statistics know it: one row per checksum, merged over all files.
create table read_books (
  read_book_id integer primary key,
  owner_id text not null references users (user_id) on delete cascade,
  -- The checksum, or a derived key for rows of old versions that have none.
  md5 text not null,
  title text not null,
  authors text,
  pages integer,
  last_open_at integer,
  notes integer,
  highlights integer,
  total_read_sec integer not null default 0,
  total_read_pages integer not null default 0,
  book_id text references books (book_id) on delete set null,
  version integer not null default 1
) strict;
create unique index read_books_md5 on read_books (owner_id, md5);
create index read_books_book on read_books (book_id) where book_id is not null;

-- The same book row as each file has it, so that merging gives one result whatever the order.
create table statistics_file_books (
  file_id text not null references statistics_files (file_id) on delete cascade,
  read_book_id integer not null references read_books (read_book_id) on delete cascade,
  title text not null,
  authors text,
  pages integer,
  last_open_at integer,
  notes integer,
  highlights integer,
  total_read_sec integer,
  total_read_pages integer,
  primary key (file_id, read_book_id, title, authors)
) strict;
create index statistics_file_books_book on statistics_file_books (read_book_id);

-- One page view: started_at in SECONDS since 1970 UTC, as KOReader counts.
create table page_reads (
  read_book_id integer not null references read_books (read_book_id) on delete cascade,
  started_sec integer not null,
  page integer not null,
  duration_sec integer not null,
  total_pages integer not null,
  primary key (read_book_id, started_sec, page)
) strict, without rowid;

create table jobs (
  job_id text primary key,
  owner_id text not null references users (user_id) on delete cascade,
  kind text not null,
  key text not null,
  job_group text,
  priority integer not null default 0,
  payload text not null,
  subject text not null,
  state text not null check (state in ('waiting', 'running', 'done', 'failed', 'cancelled')),
  attempt integer not null default 0,
  run_after integer not null,
  done_units integer not null default 0,
  total_units integer,
  unit text not null,
  counts text,
  error text,
  created_at integer not null,
  finished_at integer
) strict;
create unique index jobs_open_key on jobs (key) where state in ('waiting', 'running');
create index jobs_state on jobs (state, run_after);
create index jobs_owner on jobs (owner_id, created_at desc);

-- The diary: every change of a synced table, written by triggers (catalogue/changes.ts).
create table changes (
  seq integer primary key autoincrement,
  owner_id text not null,
  entity_type text not null,
  entity_id text not null,
  operation text not null check (operation in ('create', 'update', 'delete')),
  version integer not null,
  device_id text,
  changed_at integer not null
) strict;
create index changes_entity on changes (entity_type, entity_id);
