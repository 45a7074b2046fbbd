-- What the Papyrus API keeps besides books and marks: shelves, tags, notes, sessions, goals, profiles, filters, sync, storage.

alter table users add column deletion_requested_at integer;

-- Somebody else's word for who a person is: Google's, by its lasting subject.
create table user_identities (
  provider text not null check (provider in ('google')),
  subject text not null,
  user_id text not null references users (user_id) on delete cascade,
  email text,
  linked_at integer not null,
  primary key (provider, subject)
) strict, without rowid;
create index user_identities_user on user_identities (user_id);

-- Links that are good for one use. Kept as SHA-256 only.
create table one_time_codes (
  code_hash text primary key,
  kind text not null check (kind in ('verify_email', 'reset_password', 'sign_in', 'link_google')),
  user_id text not null references users (user_id) on delete cascade,
  data text not null default '{}',
  created_at integer not null,
  expires_at integer not null,
  used_at integer
) strict, without rowid;
create index one_time_codes_user on one_time_codes (user_id);

-- A letter nobody could be sent: the desk makes its link when the owner asks for it.
create table letters (
  letter_id text primary key,
  user_id text not null references users (user_id) on delete cascade,
  kind text not null check (kind in ('verify_email', 'reset_password')),
  requested_at integer not null
) strict;
create unique index letters_user on letters (user_id, kind);

create table metadata_servers (
  config_id text primary key,
  owner_id text not null unique references users (user_id) on delete cascade,
  server_url text not null,
  server_type text not null check (server_type in ('official', 'self_hosted')),
  sync_enabled integer not null default 1,
  sync_interval_sec integer not null default 30,
  is_connected integer not null default 0,
  sync_status text not null default 'idle',
  error_message text,
  last_sync_at integer,
  created_at integer not null,
  updated_at integer not null
) strict;

alter table series add column description text;
alter table series add column author text;
alter table series add column total_books integer;
alter table series add column is_complete integer not null default 0;

create table shelves (
  shelf_id text primary key,
  owner_id text not null references users (user_id) on delete cascade,
  parent_shelf_id text references shelves (shelf_id) on delete cascade,
  name text not null,
  description text,
  color text,
  icon text,
  is_default integer not null default 0,
  is_smart integer not null default 0,
  -- In the query language; evaluated whenever the shelf is read.
  smart_query text,
  sort_order integer not null default 0,
  created_at integer not null,
  updated_at integer not null,
  version integer not null default 1
) strict;
-- One name at one level: NULL parents would all differ.
create unique index shelves_name on shelves (owner_id, coalesce(parent_shelf_id, ''), lower(name));
create index shelves_parent on shelves (parent_shelf_id) where parent_shelf_id is not null;

create table shelf_books (
  shelf_id text not null references shelves (shelf_id) on delete cascade,
  book_id text not null references books (book_id) on delete cascade,
  sort_order integer not null default 0,
  added_at integer not null,
  primary key (shelf_id, book_id)
) strict, without rowid;
create index shelf_books_book on shelf_books (book_id);

create table tags (
  tag_id text primary key,
  owner_id text not null references users (user_id) on delete cascade,
  name text not null,
  color text not null,
  description text,
  created_at integer not null,
  updated_at integer not null,
  version integer not null default 1
) strict;
create unique index tags_name on tags (owner_id, lower(name));

create table book_tags (
  book_id text not null references books (book_id) on delete cascade,
  tag_id text not null references tags (tag_id) on delete cascade,
  added_at integer not null,
  primary key (book_id, tag_id)
) strict, without rowid;
create index book_tags_tag on book_tags (tag_id);

create table saved_filters (
  filter_id text primary key,
  owner_id text not null references users (user_id) on delete cascade,
  name text not null,
  query text not null,
  description text,
  filter_type text not null default 'custom' check (filter_type in ('search', 'shelf', 'custom')),
  icon text,
  color text,
  is_pinned integer not null default 0,
  usage_count integer not null default 0,
  last_used_at integer,
  created_at integer not null,
  updated_at integer not null
) strict;
create index saved_filters_owner on saved_filters (owner_id);

-- What the search of books looks in: their words folded (no case, no accents), written by catalogue/words.ts. A list
-- begins and ends with a line end and has one between any two values.
create table book_words (
  number integer primary key references books (number) on delete cascade,
  owner_id text not null,
  title text not null,
  subtitle text,
  authors text,
  isbn text,
  publisher text,
  location text,
  lent_to text,
  description text
) strict;
create index book_words_owner on book_words (owner_id);
-- Marks are found by these, and descriptions are long.
create index book_words_named on book_words (owner_id, title, authors);
create virtual table book_words_index using fts5 (
  title, subtitle, authors, isbn, description,
  content = 'book_words', content_rowid = 'number', tokenize = 'trigram case_sensitive 1'
);
create trigger book_words_insert after insert on book_words begin
  insert into book_words_index (rowid, title, subtitle, authors, isbn, description) values (new.number, new.title, new.subtitle, new.authors, new.isbn, new.description);
end;
create trigger book_words_update after update on book_words begin
  insert into book_words_index (book_words_index, rowid, title, subtitle, authors, isbn, description)
  values ('delete', old.number, old.title, old.subtitle, old.authors, old.isbn, old.description);
  insert into book_words_index (rowid, title, subtitle, authors, isbn, description) values (new.number, new.title, new.subtitle, new.authors, new.isbn, new.description);
end;
create trigger book_words_delete after delete on book_words begin
  insert into book_words_index (book_words_index, rowid, title, subtitle, authors, isbn, description)
  values ('delete', old.number, old.title, old.subtitle, old.authors, old.isbn, old.description);
end;

create table reading_profiles (
  profile_id text primary key,
  owner_id text not null references users (user_id) on delete cascade,
  name text not null,
  is_default integer not null default 0,
  -- How a page looks: fonts, margins, colours (JSON of the contract's own fields, checked at the edge).
  appearance text not null default '{}',
  created_at integer not null,
  updated_at integer not null,
  version integer not null default 1
) strict;
create index reading_profiles_owner on reading_profiles (owner_id);
create unique index reading_profiles_default on reading_profiles (owner_id) where is_default = 1;

create table notes (
  number integer primary key,
  note_id text not null unique,
  owner_id text not null references users (user_id) on delete cascade,
  book_id text not null references books (book_id) on delete cascade,
  title text not null,
  content text not null,
  is_pinned integer not null default 0,
  created_at integer not null,
  updated_at integer not null,
  version integer not null default 1
) strict;
create index notes_book on notes (book_id);
create index notes_owner on notes (owner_id, is_pinned desc, updated_at desc);

alter table annotations add column chapter_index integer;

-- The same of marks: a highlight's chapter is its heading, a note's title is. Marks are found by the words of their book too.
create table annotation_words (
  number integer primary key references annotations (number) on delete cascade,
  owner_id text not null,
  book_number integer not null,
  heading text,
  text text,
  note text
) strict;
create index annotation_words_owner on annotation_words (owner_id);
create index annotation_words_book on annotation_words (owner_id, book_number);
create virtual table annotation_words_index using fts5 (
  heading, text, note,
  content = 'annotation_words', content_rowid = 'number', tokenize = 'trigram case_sensitive 1'
);
create trigger annotation_words_insert after insert on annotation_words begin
  insert into annotation_words_index (rowid, heading, text, note) values (new.number, new.heading, new.text, new.note);
end;
create trigger annotation_words_update after update on annotation_words begin
  insert into annotation_words_index (annotation_words_index, rowid, heading, text, note)
  values ('delete', old.number, old.heading, old.text, old.note);
  insert into annotation_words_index (rowid, heading, text, note) values (new.number, new.heading, new.text, new.note);
end;
create trigger annotation_words_delete after delete on annotation_words begin
  insert into annotation_words_index (annotation_words_index, rowid, heading, text, note)
  values ('delete', old.number, old.heading, old.text, old.note);
end;
create table bookmark_words (
  number integer primary key references bookmarks (number) on delete cascade,
  owner_id text not null,
  book_number integer not null,
  heading text,
  text text,
  note text
) strict;
create index bookmark_words_owner on bookmark_words (owner_id);
create index bookmark_words_book on bookmark_words (owner_id, book_number);
create virtual table bookmark_words_index using fts5 (
  heading, text, note,
  content = 'bookmark_words', content_rowid = 'number', tokenize = 'trigram case_sensitive 1'
);
create trigger bookmark_words_insert after insert on bookmark_words begin
  insert into bookmark_words_index (rowid, heading, text, note) values (new.number, new.heading, new.text, new.note);
end;
create trigger bookmark_words_update after update on bookmark_words begin
  insert into bookmark_words_index (bookmark_words_index, rowid, heading, text, note)
  values ('delete', old.number, old.heading, old.text, old.note);
  insert into bookmark_words_index (rowid, heading, text, note) values (new.number, new.heading, new.text, new.note);
end;
create trigger bookmark_words_delete after delete on bookmark_words begin
  insert into bookmark_words_index (bookmark_words_index, rowid, heading, text, note)
  values ('delete', old.number, old.heading, old.text, old.note);
end;
create table note_words (
  number integer primary key references notes (number) on delete cascade,
  owner_id text not null,
  book_number integer not null,
  heading text,
  text text,
  note text
) strict;
create index note_words_owner on note_words (owner_id);
create index note_words_book on note_words (owner_id, book_number);
create virtual table note_words_index using fts5 (
  heading, text, note,
  content = 'note_words', content_rowid = 'number', tokenize = 'trigram case_sensitive 1'
);
create trigger note_words_insert after insert on note_words begin
  insert into note_words_index (rowid, heading, text, note) values (new.number, new.heading, new.text, new.note);
end;
create trigger note_words_update after update on note_words begin
  insert into note_words_index (note_words_index, rowid, heading, text, note)
  values ('delete', old.number, old.heading, old.text, old.note);
  insert into note_words_index (rowid, heading, text, note) values (new.number, new.heading, new.text, new.note);
end;
create trigger note_words_delete after delete on note_words begin
  insert into note_words_index (note_words_index, rowid, heading, text, note)
  values ('delete', old.number, old.heading, old.text, old.note);
end;

-- Files whose text was taken for searching in it, each as it was then; nothing here that a file does not say.
create table text_files (
  file_id text primary key references book_files (file_id) on delete cascade,
  owner_id text not null references users (user_id) on delete cascade,
  sha256 text not null,
  failure_reason text,
  read_at integer not null
) strict;
create index text_files_owner on text_files (owner_id);
-- A passage of a book: a chapter, or a piece of a long one. Its text is deflated.
create table text_passages (
  passage_id integer primary key,
  file_id text not null references text_files (file_id) on delete cascade,
  owner_id text not null references users (user_id) on delete cascade,
  place integer not null,
  chapter text,
  content blob not null
) strict;
create index text_passages_file on text_passages (file_id, place);
create index text_passages_owner on text_passages (owner_id);
-- Filled with folded words by library/text-search.queries.ts.
create virtual table text_passages_index using fts5 (
  words, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 0'
);
create trigger text_passages_delete after delete on text_passages begin
  delete from text_passages_index where rowid = old.passage_id;
end;

-- A sitting a device told us of. KOReader's own are worked out of its page reads (read_sessions).
create table reading_sessions (
  session_id text primary key,
  owner_id text not null references users (user_id) on delete cascade,
  book_id text not null references books (book_id) on delete cascade,
  started_at integer not null,
  ended_at integer,
  start_position real,
  end_position real,
  pages_read integer,
  device_type text,
  device_name text,
  created_at integer not null,
  updated_at integer not null,
  version integer not null default 1
) strict;
create index reading_sessions_owner on reading_sessions (owner_id, started_at);
create index reading_sessions_book on reading_sessions (book_id, started_at);

-- The book whose sessions of other devices this row's days and sittings were worked out of; null for KOReader's own books.
alter table read_books add column told_of text references books (book_id) on delete cascade;
create unique index read_books_told on read_books (told_of) where told_of is not null;

create table reading_goals (
  goal_id text primary key,
  owner_id text not null references users (user_id) on delete cascade,
  title text not null,
  description text,
  goal_type text not null check (goal_type in ('books_count', 'pages_count', 'reading_time')),
  target_value integer not null,
  time_period text not null check (time_period in ('daily', 'weekly', 'monthly', 'yearly', 'custom')),
  start_date text not null,
  end_date text not null,
  -- What was counted when anybody looked last.
  current_value integer not null default 0,
  -- What a person's own words added to what was counted.
  manual_offset integer not null default 0,
  -- The value an inactive goal was left at.
  frozen_value integer,
  is_active integer not null default 1,
  completed_at integer,
  created_at integer not null,
  updated_at integer not null,
  version integer not null default 1
) strict;
create index reading_goals_owner on reading_goals (owner_id);

-- Every time a person set a goal's value by hand.
create table goal_updates (
  update_id text primary key,
  goal_id text not null references reading_goals (goal_id) on delete cascade,
  value integer not null,
  note text,
  updated_at integer not null
) strict;
create index goal_updates_goal on goal_updates (goal_id, updated_at);

-- When each field of a synced row was last said and with which version (JSON: name to [milliseconds, version]), so that two
-- devices' words on different fields both stay. Noted by triggers, written by catalogue/times.ts; no row where nothing changed.
create table field_times (
  entity_id text primary key,
  owner_id text not null,
  times text not null
) strict;
create index field_times_owner on field_times (owner_id);

create index changes_moment on changes (owner_id, changed_at);

-- What a device pushed and what became of it: the same push again gives the same answer. By time, so that what is pushed
-- together lies together.
create table sync_pushes (
  owner_id text not null references users (user_id) on delete cascade,
  device_id text not null,
  entity_type text not null,
  entity_id text not null,
  timestamp_ms integer not null,
  data_hash text not null,
  version integer not null,
  pushed_at integer not null,
  primary key (owner_id, device_id, timestamp_ms, entity_type, entity_id, data_hash)
) strict, without rowid;
create index sync_pushes_age on sync_pushes (pushed_at);

-- Two devices said different things: both, and what was kept, so that it can be looked at and undone.
create table sync_conflicts (
  conflict_id text primary key,
  owner_id text not null references users (user_id) on delete cascade,
  entity_type text not null,
  entity_id text not null,
  device_id text,
  strategy text not null check (strategy in ('latest_wins', 'merge', 'manual')),
  pushed_data text not null,
  server_data text not null,
  resolved_data text not null,
  happened_at integer not null,
  undone_at integer
) strict;
create index sync_conflicts_owner on sync_conflicts (owner_id, happened_at desc);

-- The id a device gave to something that was there by its name: what it says of the one is said of the other.
create table sync_aliases (
  owner_id text not null references users (user_id) on delete cascade,
  entity_type text not null,
  alias_id text not null,
  entity_id text not null,
  primary key (owner_id, entity_type, alias_id)
) strict, without rowid;

-- The last time a device of the person pushed or pulled.
create table sync_devices (
  owner_id text not null references users (user_id) on delete cascade,
  device_id text not null,
  last_push_at integer,
  last_pull_at integer,
  primary key (owner_id, device_id)
) strict, without rowid;

create table storage_backends (
  backend_id text primary key,
  owner_id text not null references users (user_id) on delete cascade,
  kind text not null check (kind in ('local', 'google_drive', 'onedrive', 'dropbox', 'webdav', 'minio', 's3', 'papyrus_server')),
  name text not null,
  is_primary integer not null default 0,
  is_active integer not null default 1,
  -- Options without secrets (JSON); those are in the secret store under storage/<backend_id>/<name>.
  config text not null default '{}',
  -- What its secrets are called (JSON list).
  secret_names text not null default '[]',
  base_path text,
  connection_status text not null default 'disconnected' check (connection_status in ('connected', 'disconnected', 'error')),
  error_message text,
  used_bytes integer,
  quota_bytes integer,
  last_accessed_at integer,
  created_at integer not null,
  updated_at integer not null
) strict;
create index storage_backends_owner on storage_backends (owner_id);
create unique index storage_backends_primary on storage_backends (owner_id) where is_primary = 1;

-- A file a person gave us: a book or a cover. Its bytes lie under its SHA-256.
create table stored_files (
  file_id text primary key,
  owner_id text not null references users (user_id) on delete cascade,
  -- Null until a book claims it, and again when the book let it go.
  book_id text references books (book_id) on delete set null,
  kind text not null check (kind in ('book_file', 'cover_image')),
  -- Null is this server's own disk.
  backend_id text references storage_backends (backend_id) on delete set null,
  sha256 text not null,
  size_bytes integer not null,
  format text,
  content_type text not null,
  original_name text not null,
  uploaded_at integer not null,
  -- Collected 30 days after nothing points to it any more.
  released_at integer
) strict;
create index stored_files_owner on stored_files (owner_id, sha256);
create index stored_files_bytes on stored_files (sha256);
create index stored_files_book on stored_files (book_id, kind) where book_id is not null;
create index stored_files_backend on stored_files (backend_id) where backend_id is not null;
create index stored_files_released on stored_files (released_at) where released_at is not null;

-- A copy of the library file that was restored into a scratch folder and checked.
create table backups (
  backup_id text primary key,
  name text not null unique,
  reason text not null check (reason in ('asked', 'schedule', 'restore')),
  state text not null check (state in ('making', 'good', 'failed')),
  size_bytes integer,
  counts text,
  error text,
  created_at integer not null,
  checked_at integer
) strict;

-- Every mark of a person by when it was made, across their books.
create index annotations_made on annotations (owner_id, created_at desc, annotation_id, book_id);
create index bookmarks_made on bookmarks (owner_id, created_at desc, bookmark_id, book_id);

-- What the device's file says where a person said otherwise (JSON: note, colour), so that only a new word of it counts.
alter table annotations add column device_says text;
alter table bookmarks add column device_says text;
create index annotations_spoken_of on annotations (book_id, annotation_id) where device_says is not null;
create index bookmarks_spoken_of on bookmarks (book_id, bookmark_id) where device_says is not null;
create index annotations_newest on annotations (owner_id, coalesce(created_at, updated_at) desc, annotation_id);

-- KOReader's marks a person removed: a device that still has one does not bring it back.
create table removed_marks (
  mark_id text primary key,
  owner_id text not null references users (user_id) on delete cascade,
  book_id text not null references books (book_id) on delete cascade,
  koreader_key text not null,
  removed_at integer not null
) strict, without rowid;
create unique index removed_marks_book on removed_marks (book_id, koreader_key);
create index removed_marks_owner on removed_marks (owner_id);

-- The stream devices follow: from a person's first listening on, one row for every change of a book of theirs.
-- A generation is a bucket of its own; compaction begins a new one with a row for each book there is.
create table stream_buckets (
  owner_id text primary key references users (user_id) on delete cascade,
  generation integer not null
) strict, without rowid;

create table stream_ops (
  -- Never used again, not even after compaction.
  op_id integer primary key autoincrement,
  owner_id text not null,
  book_id text not null
) strict;
create index stream_ops_owner on stream_ops (owner_id, op_id, book_id);
create index stream_ops_book on stream_ops (owner_id, book_id, op_id);

-- How far each listening device's own writes have come.
create table stream_checkpoints (
  owner_id text not null references users (user_id) on delete cascade,
  client_id text not null,
  number integer not null,
  asked_at integer not null,
  primary key (owner_id, client_id)
) strict, without rowid;
