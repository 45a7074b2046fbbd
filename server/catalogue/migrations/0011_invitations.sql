-- Links the owner gives to people who may have an account here. Each is good once and gone when it was used.
create table invitations (
  invitation_id text primary key,
  code_hash text not null unique,
  created_at integer not null,
  expires_at integer not null
) strict;
