// Endpoints of the metadata server a person names.
import type { MetadataServers } from '../../../accounts/metadata-servers.ts';
import { userEndpoint } from '../auth.ts';
import { presentMetadataServer, presentMetadataServerTest } from '../accounts/present.ts';
import {
  CreateMetadataServerConfigRequest,
  MetadataServerConfig,
  MetadataServerTest,
} from './server-schemas.ts';
import { json } from '../../../http/bodies.ts';

const SERVER = { tag: 'Sync', access: 'user', path: '/users/me/metadata-server' } as const;

export type MetadataServerParts = { metadataServers: MetadataServers };

/** Returns the endpoints. */
export const metadataServerEndpoints = ({ metadataServers }: MetadataServerParts) => [
  userEndpoint(
    {
      ...SERVER,
      method: 'get',
      summary: 'Returns your metadata server.',
      answers: { 200: MetadataServerConfig },
      errors: ['not_found'],
    },
    ({ caller }) => presentMetadataServer(metadataServers.get(caller.userId)),
  ),
  userEndpoint(
    {
      ...SERVER,
      method: 'put',
      summary: 'Names your metadata server, instead of the one before.',
      body: json(CreateMetadataServerConfigRequest),
      answers: { 200: MetadataServerConfig },
    },
    async ({ caller, body }) =>
      presentMetadataServer(
        await metadataServers.put(caller.userId, {
          serverUrl: body.server_url,
          serverType: body.server_type,
          syncEnabled: body.sync_enabled,
          syncIntervalSec: body.sync_interval_seconds,
          authToken: body.auth_token,
        }),
      ),
  ),
  userEndpoint(
    { ...SERVER, method: 'delete', summary: 'Forgets your metadata server.', errors: ['not_found'] },
    ({ caller }) => metadataServers.remove(caller.userId),
  ),
  userEndpoint(
    {
      ...SERVER,
      path: '/users/me/metadata-server/test',
      method: 'post',
      summary: 'Tells whether your metadata server answers.',
      description: 'Servers inside the network this one runs in are asked only where its owner allowed them.',
      answers: { 200: MetadataServerTest },
      errors: ['not_found'],
    },
    async ({ caller }) => presentMetadataServerTest(await metadataServers.test(caller.userId)),
  ),
];
