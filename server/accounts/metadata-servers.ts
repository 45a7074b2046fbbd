// The one other server a person may name for their library's data; its token is kept with the secrets.
import { AppError, notFound } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import { newId } from '../base/ids.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Outbound } from '../outbound/client.ts';
import type { SecretStore } from '../secrets/secret-store.ts';
import {
  deleteMetadataServer,
  insertMetadataServer,
  selectMetadataServer,
  selectMetadataServers,
  updateMetadataServer,
} from './metadata-servers.queries.ts';
import type { MetadataServer } from './metadata-servers.queries.ts';

import type { MissingSecret } from './missing-secrets.ts';

export type { MetadataServer };

export type MetadataServerSettings = {
  serverUrl: string;
  /** Official is this very server; worked out where nobody says. */
  serverType: 'official' | 'self_hosted' | undefined;
  syncEnabled: boolean;
  syncIntervalSec: number;
  /** Undefined keeps the token there is, null forgets it. */
  authToken: string | null | undefined;
};

export type MetadataServers = ReturnType<typeof createMetadataServers>;
type Parts = {
  catalogue: Catalogue;
  clock: Clock;
  secrets: SecretStore;
  outbound: Outbound;
  publicUrl: () => string;
};

/** What a look at the server's health page found. */
export type MetadataServerTest = {
  success: boolean;
  /** A sentence for the person. */
  message: string;
  serverVersion: string | undefined;
  tookMs: number;
};

const HEALTH_BYTES = 64 * 1024;

/** Returns the verbs of metadata servers. */
export function createMetadataServers({ catalogue, clock, secrets, outbound, publicUrl }: Parts) {
  const find = (ownerId: string) => catalogue.read((db) => selectMetadataServer(db, ownerId));
  const get = (ownerId: string): MetadataServer => {
    const found = find(ownerId);
    if (found === undefined) throw notFound('metadata server');
    return found;
  };

  return {
    /** Returns the person's server. Throws not_found. */
    get,

    /** Names the person's server, instead of the one before. A token is never carried over to another server. */
    async put(ownerId: string, settings: MetadataServerSettings): Promise<MetadataServer> {
      const { serverUrl, syncEnabled, syncIntervalSec, authToken } = settings;
      const url = new URL(serverUrl);
      const isHere = url.host === new URL(publicUrl()).host;
      const serverType = settings.serverType ?? (isHere ? 'official' : 'self_hosted');
      const before = find(ownerId);
      const moved = before !== undefined && new URL(before.serverUrl).origin !== url.origin;
      const configId = before?.configId ?? newId(clock.now());
      if (authToken != null) await secrets.set(secretName(configId), authToken);
      else if (authToken === null || moved) await secrets.remove(secretName(configId));
      const now = clock.now();
      const keepsToken = authToken === undefined && !moved ? before?.hasToken : authToken != null;
      const hasToken = keepsToken ?? null;
      const said = { serverUrl, serverType, hasToken, syncEnabled, syncIntervalSec, updatedAt: now };
      catalogue.write({}, (db) => {
        if (selectMetadataServer(db, ownerId) === undefined)
          insertMetadataServer(db, { configId, ownerId, ...said, createdAt: now });
        else
          updateMetadataServer(db, ownerId, {
            ...said,
            ...(moved
              ? { isConnected: false, syncStatus: 'idle', errorMessage: null, lastSyncAt: null }
              : {}),
          });
      });
      return get(ownerId);
    },

    /** Asks the server how it is, without the token, and notes whether it answered. Throws not_found without a server. */
    async test(ownerId: string): Promise<MetadataServerTest> {
      const { serverUrl, configId } = get(ownerId);
      const started = performance.now();
      const outcome = await askHealth(outbound, serverUrl);
      const tookMs = Math.round(performance.now() - started);
      catalogue.write({}, (db) => {
        // Another server may have been named meanwhile.
        const now = selectMetadataServer(db, ownerId);
        if (now?.configId !== configId || now.serverUrl !== serverUrl) return;
        updateMetadataServer(db, ownerId, {
          isConnected: outcome.success,
          syncStatus: outcome.success ? 'idle' : 'error',
          errorMessage: outcome.success ? null : outcome.message,
        });
      });
      return { ...outcome, tookMs };
    },

    /** Forgets the person's server and its token. Throws not_found. */
    async remove(ownerId: string): Promise<void> {
      const { configId } = get(ownerId);
      await secrets.remove(secretName(configId));
      catalogue.write({}, (db) => deleteMetadataServer(db, ownerId));
    },

    /** Returns the servers whose token was given and is lost, oldest first. */
    async missingSecrets(): Promise<MissingSecret[]> {
      const missing: MissingSecret[] = [];
      for (const { configId, ownerId, serverUrl, hasToken, owner } of catalogue.read(selectMetadataServers)) {
        const isKept = (await secrets.get(secretName(configId))) !== undefined;
        if (isKept && hasToken !== true)
          catalogue.write({}, (db) => updateMetadataServer(db, ownerId, { hasToken: true }));
        if (!isKept && hasToken === true)
          missing.push({ id: configId, of: 'metadata_server', name: new URL(serverUrl).host, owner });
      }
      return missing;
    },

    /** Forgets what is outside the catalogue of a person who leaves. */
    forgetOwner: async (ownerId: string): Promise<void> => {
      const found = find(ownerId);
      if (found !== undefined) await secrets.remove(secretName(found.configId));
    },
  };
}

async function askHealth(outbound: Outbound, serverUrl: string): Promise<Omit<MetadataServerTest, 'tookMs'>> {
  try {
    const { status, bytes } = await outbound.ask(`${serverUrl.replace(/\/+$/, '')}/health`, {
      maxBytes: HEALTH_BYTES,
    });
    if (status !== 200) {
      return { success: false, message: `The server answered ${status}.`, serverVersion: undefined };
    }
    return { success: true, message: 'The server answered.', serverVersion: versionIn(bytes) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { success: false, message: error.message, serverVersion: undefined };
  }
}

function versionIn(bytes: Buffer): string | undefined {
  try {
    const { version } = JSON.parse(bytes.toString()) as { version?: unknown };
    return typeof version === 'string' ? version.slice(0, 100) : undefined;
  } catch {
    return undefined;
  }
}

const secretName = (configId: string) => `metadata-server/${configId}/auth_token`;
