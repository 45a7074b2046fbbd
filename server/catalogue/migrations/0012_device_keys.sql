-- Keys a person gives to programs that know no other sign-in than a name and a password. Each opens their own library alone.
create table device_keys (
  key_id text primary key,
  user_id text not null references users (user_id) on delete cascade,
  -- What the person calls the device.
  name text not null,
  -- SHA-256 of the key: it is long and made by chance.
  key_hash text not null unique,
  created_at integer not null,
  last_used_at integer
) strict;
create index device_keys_user on device_keys (user_id, created_at, key_id);
