// Tables of people: who they are and the devices they signed in.
import { blob, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

export const settings = sqliteTable('settings', {
  key: text('key').primaryKey(),
  value: text('value', { mode: 'json' }).$type<unknown>().notNull(),
});

export const users = sqliteTable('users', {
  userId: text('user_id').primaryKey(),
  email: text('email'),
  displayName: text('display_name').notNull(),
  avatarUrl: text('avatar_url'),
  passwordHash: text('password_hash'),
  emailVerified: integer('email_verified', { mode: 'boolean' }).notNull().default(false),
  preferences: text('preferences', { mode: 'json' }).$type<Record<string, unknown>>().notNull().default({}),
  createdAt: integer('created_at', { mode: 'timestamp_ms' }).notNull(),
  lastLoginAt: integer('last_login_at', { mode: 'timestamp_ms' }),
  disabledAt: integer('disabled_at', { mode: 'timestamp_ms' }),
  deletionRequestedAt: integer('deletion_requested_at', { mode: 'timestamp_ms' }),
});

export const userSessions = sqliteTable('user_sessions', {
  sessionId: text('session_id').primaryKey(),
  userId: text('user_id').notNull(),
  refreshHash: text('refresh_hash').notNull(),
  previousRefreshHash: text('previous_refresh_hash'),
  clientType: text('client_type').notNull().default('unknown'),
  deviceLabel: text('device_label'),
  createdAt: integer('created_at', { mode: 'timestamp_ms' }).notNull(),
  lastSeenAt: integer('last_seen_at', { mode: 'timestamp_ms' }).notNull(),
  expiresAt: integer('expires_at', { mode: 'timestamp_ms' }).notNull(),
  revokedAt: integer('revoked_at', { mode: 'timestamp_ms' }),
});

export const koshelfSessions = sqliteTable('koshelf_sessions', {
  sessionId: text('session_id').primaryKey(),
  tokenHash: text('token_hash').notNull(),
  userAgent: text('user_agent'),
  lastSeenIp: text('last_seen_ip'),
  createdAt: integer('created_at', { mode: 'timestamp_ms' }).notNull(),
  lastSeenAt: integer('last_seen_at', { mode: 'timestamp_ms' }).notNull(),
  expiresAt: integer('expires_at', { mode: 'timestamp_ms' }).notNull(),
});

export const libraryFolders = sqliteTable('library_folders', {
  folderId: text('folder_id').primaryKey(),
  ownerId: text('owner_id').notNull(),
  kind: text('kind', { enum: ['library', 'docsettings', 'hashdocsettings'] })
    .notNull()
    .default('library'),
  path: blob('path', { mode: 'buffer' }).notNull(),
  fixed: integer('fixed', { mode: 'boolean' }).notNull().default(false),
  addedAt: integer('added_at', { mode: 'timestamp_ms' }).notNull(),
  lastScanAt: integer('last_scan_at', { mode: 'timestamp_ms' }),
  rootIdentity: text('root_identity'),
  missing: text('missing', { mode: 'json' }).$type<Missing>(),
  trouble: text('trouble'),
  notRead: text('not_read', { mode: 'json' }).$type<Record<string, number>>().notNull().default({}),
});

/** What a scan did not find any more and keeps until the person says that it is gone. */
export type Missing = {
  /** `empty`: nothing at all was found; `most`: too much at once is not there. */
  reason: 'empty' | 'most';
  /** Files that are not found, of how many that were known. */
  files: number;
  known: number;
};

export const userIdentities = sqliteTable('user_identities', {
  provider: text('provider', { enum: ['google'] }).notNull(),
  subject: text('subject').notNull(),
  userId: text('user_id').notNull(),
  email: text('email'),
  linkedAt: integer('linked_at', { mode: 'timestamp_ms' }).notNull(),
});

export const oneTimeCodes = sqliteTable('one_time_codes', {
  codeHash: text('code_hash').primaryKey(),
  kind: text('kind', { enum: ['verify_email', 'reset_password', 'sign_in', 'link_google'] }).notNull(),
  userId: text('user_id').notNull(),
  data: text('data', { mode: 'json' }).$type<Record<string, unknown>>().notNull().default({}),
  createdAt: integer('created_at', { mode: 'timestamp_ms' }).notNull(),
  expiresAt: integer('expires_at', { mode: 'timestamp_ms' }).notNull(),
  usedAt: integer('used_at', { mode: 'timestamp_ms' }),
});

export const invitations = sqliteTable('invitations', {
  invitationId: text('invitation_id').primaryKey(),
  codeHash: text('code_hash').notNull(),
  createdAt: integer('created_at', { mode: 'timestamp_ms' }).notNull(),
  expiresAt: integer('expires_at', { mode: 'timestamp_ms' }).notNull(),
});

export const letters = sqliteTable('letters', {
  letterId: text('letter_id').primaryKey(),
  userId: text('user_id').notNull(),
  kind: text('kind', { enum: ['verify_email', 'reset_password'] }).notNull(),
  requestedAt: integer('requested_at', { mode: 'timestamp_ms' }).notNull(),
  linkBase: text('link_base'),
});

export const metadataServers = sqliteTable('metadata_servers', {
  configId: text('config_id').primaryKey(),
  ownerId: text('owner_id').notNull(),
  serverUrl: text('server_url').notNull(),
  serverType: text('server_type', { enum: ['official', 'self_hosted'] }).notNull(),
  hasToken: integer('has_token', { mode: 'boolean' }),
  syncEnabled: integer('sync_enabled', { mode: 'boolean' }).notNull().default(true),
  syncIntervalSec: integer('sync_interval_sec').notNull().default(30),
  isConnected: integer('is_connected', { mode: 'boolean' }).notNull().default(false),
  syncStatus: text('sync_status', { enum: ['idle', 'syncing', 'error'] })
    .notNull()
    .default('idle'),
  errorMessage: text('error_message'),
  lastSyncAt: integer('last_sync_at', { mode: 'timestamp_ms' }),
  createdAt: integer('created_at', { mode: 'timestamp_ms' }).notNull(),
  updatedAt: integer('updated_at', { mode: 'timestamp_ms' }).notNull(),
});

export const deviceKeys = sqliteTable('device_keys', {
  keyId: text('key_id').primaryKey(),
  userId: text('user_id').notNull(),
  name: text('name').notNull(),
  keyHash: text('key_hash').notNull(),
  createdAt: integer('created_at', { mode: 'timestamp_ms' }).notNull(),
  lastUsedAt: integer('last_used_at', { mode: 'timestamp_ms' }),
});
