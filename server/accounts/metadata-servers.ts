// The one other server a person may name for their library's data; its token is kept with the secrets.
import { notFound } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import { newId } from '../base/ids.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { SecretStore } from '../secrets/secret-store.ts';
import {
  deleteMetadataServer,
  insertMetadataServer,
  selectMetadataServer,
  updateMetadataServer,
} from './metadata-servers.queries.ts';
import type { MetadataServer } from './metadata-servers.queries.ts';

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
type Parts = { catalogue: Catalogue; clock: Clock; secrets: SecretStore; publicUrl: () => string };

/** Returns the verbs of metadata servers. */
export function createMetadataServers({ catalogue, clock, secrets, publicUrl }: Parts) {
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
      const said = { serverUrl, serverType, syncEnabled, syncIntervalSec, updatedAt: now };
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

    /** Forgets the person's server and its token. Throws not_found. */
    async remove(ownerId: string): Promise<void> {
      const { configId } = get(ownerId);
      await secrets.remove(secretName(configId));
      catalogue.write({}, (db) => deleteMetadataServer(db, ownerId));
    },

    /** Forgets what is outside the catalogue of a person who leaves. */
    forgetOwner: async (ownerId: string): Promise<void> => {
      const found = find(ownerId);
      if (found !== undefined) await secrets.remove(secretName(found.configId));
    },
  };
}

const secretName = (configId: string) => `metadata-server/${configId}/auth_token`;
