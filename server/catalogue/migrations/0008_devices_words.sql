-- What devices of the stream know, and what they say of files the server does not have.

-- Until when everything was told to the device of a session: what others said since, it cannot mean to take back.
create table stream_told (
  session_id text primary key references user_sessions (session_id) on delete cascade,
  told_at integer not null
) strict, without rowid;

-- The file of a book that lies on a device alone.
create table device_files (
  book_id text primary key references books (book_id) on delete cascade,
  format text,
  size_bytes integer,
  sha256 text
) strict, without rowid;

-- Whether a token was given; null for servers named before that was noted.
alter table metadata_servers add column has_token integer;
