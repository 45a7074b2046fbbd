// Accounts and what belongs to them, in the Papyrus contract's words. Every key is always there, null when unset.
import type { z } from 'zod';
import type {
  MetadataServer,
  MetadataServerTest as MetadataServerTestRecord,
} from '../../../accounts/metadata-servers.ts';
import type { User as UserRecord } from '../../../accounts/users.ts';
import { ACCESS_TOKEN_SEC } from '../../../accounts/tokens.ts';
import type { IssuedTokens } from '../../../accounts/tokens.ts';
import type { AuthTokens, User } from './schemas.ts';
import type { MetadataServerConfig, MetadataServerTest } from '../metadata/server-schemas.ts';

const maybeInstant = (date: Date | null) => date?.toISOString() ?? null;

/** Returns the account as the contract shows it. */
export const presentUser = (user: UserRecord): z.infer<typeof User> => ({
  user_id: user.userId,
  email: user.email,
  display_name: user.displayName,
  avatar_url: user.avatarUrl,
  is_anonymous: false,
  email_verified: user.emailVerified,
  created_at: user.createdAt.toISOString(),
  last_login_at: maybeInstant(user.lastLoginAt),
});

/** Returns a pair of tokens with its user. */
export const presentTokens = (tokens: IssuedTokens, user: UserRecord): z.infer<typeof AuthTokens> => ({
  access_token: tokens.accessToken,
  refresh_token: tokens.refreshToken,
  token_type: 'Bearer',
  expires_in: ACCESS_TOKEN_SEC,
  user: presentUser(user),
});

/** Returns the metadata server, its token left out. */
export const presentMetadataServer = (server: MetadataServer): z.infer<typeof MetadataServerConfig> => ({
  config_id: server.configId,
  server_url: server.serverUrl,
  server_type: server.serverType,
  is_connected: server.isConnected,
  sync_enabled: server.syncEnabled,
  sync_interval_seconds: server.syncIntervalSec,
  last_sync_at: maybeInstant(server.lastSyncAt),
  sync_status: server.syncStatus,
  sync_error_message: server.errorMessage,
  created_at: server.createdAt.toISOString(),
  updated_at: server.updatedAt.toISOString(),
});

/** Returns what a look at the metadata server found. */
export const presentMetadataServerTest = (
  test: MetadataServerTestRecord,
): z.infer<typeof MetadataServerTest> => ({
  success: test.success,
  message: test.message,
  server_version: test.serverVersion ?? null,
  latency_ms: test.tookMs,
});
