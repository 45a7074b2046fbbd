// Endpoints of storage backends.
import type { Backends } from '../../../storage/backends.ts';
import { userEndpoint } from '../auth.ts';
import { presentBackend, presentBackendTest } from './present.ts';
import {
  BackendParams,
  CreateStorageBackendRequest,
  SetPrimaryRequest,
  StorageBackend,
  StorageBackendList,
  StorageBackendTest,
  UpdateStorageBackendRequest,
} from './storage-schemas.ts';
import { json } from '../../../http/bodies.ts';

const STORAGE = { tag: 'Storage', access: 'user' } as const;

/** Returns the endpoints. */
export function storageEndpoints({ backends }: { backends: Backends }) {
  return [
    userEndpoint(
      {
        ...STORAGE,
        method: 'get',
        path: '/storage/backends',
        summary: 'Lists your storage backends, the primary first.',
        answers: { 200: StorageBackendList },
      },
      ({ caller }) => ({ backends: backends.list(caller.userId).map(presentBackend) }),
    ),
    userEndpoint(
      {
        ...STORAGE,
        method: 'post',
        path: '/storage/backends',
        summary: 'Sets up a storage backend; the first one becomes the primary.',
        body: json(CreateStorageBackendRequest),
        answers: { 201: StorageBackend },
      },
      async ({ caller, body }) =>
        presentBackend(
          await backends.create(caller.userId, {
            kind: body.backend_type,
            name: body.name,
            isPrimary: body.is_primary,
            options: body.connection_config ?? {},
            secrets: body.credentials ?? {},
            basePath: body.base_path ?? null,
          }),
        ),
    ),
    userEndpoint(
      {
        ...STORAGE,
        method: 'post',
        path: '/storage/backends/set-primary',
        summary: 'Makes a storage backend the one uploads go to first.',
        body: json(SetPrimaryRequest),
        answers: { 200: StorageBackend },
        errors: ['not_found'],
      },
      ({ caller, body }) => presentBackend(backends.setPrimary(caller.userId, body.backend_id)),
    ),
    userEndpoint(
      {
        ...STORAGE,
        method: 'get',
        path: '/storage/backends/{backend_id}',
        summary: 'Returns a storage backend.',
        params: BackendParams,
        answers: { 200: StorageBackend },
        errors: ['not_found'],
      },
      ({ caller, params }) => presentBackend(backends.get(caller.userId, params.backend_id)),
    ),
    userEndpoint(
      {
        ...STORAGE,
        method: 'patch',
        path: '/storage/backends/{backend_id}',
        summary: 'Changes what is given; switched off, it is no longer the primary.',
        params: BackendParams,
        body: json(UpdateStorageBackendRequest),
        answers: { 200: StorageBackend },
        errors: ['not_found'],
      },
      async ({ caller, params, body }) =>
        presentBackend(
          await backends.change(caller.userId, params.backend_id, {
            name: body.name,
            isActive: body.is_active,
            options: body.connection_config,
            secrets: body.credentials,
            basePath: body.base_path,
          }),
        ),
    ),
    userEndpoint(
      {
        ...STORAGE,
        method: 'delete',
        path: '/storage/backends/{backend_id}',
        summary: 'Forgets a storage backend; its files stay where they are.',
        params: BackendParams,
        errors: ['not_found', 'conflict'],
      },
      ({ caller, params }) => backends.remove(caller.userId, params.backend_id),
    ),
    userEndpoint(
      {
        ...STORAGE,
        method: 'post',
        path: '/storage/backends/{backend_id}/test',
        summary: 'Tries a storage backend out and says how that went.',
        params: BackendParams,
        answers: { 200: StorageBackendTest },
        errors: ['not_found'],
      },
      async ({ caller, params }) => presentBackendTest(await backends.test(caller.userId, params.backend_id)),
    ),
    userEndpoint(
      {
        ...STORAGE,
        method: 'post',
        path: '/storage/backends/{backend_id}/set-primary',
        summary: 'Makes this storage backend the one uploads go to first.',
        params: BackendParams,
        answers: { 200: StorageBackend },
        errors: ['not_found', 'invalid'],
      },
      ({ caller, params }) => presentBackend(backends.setPrimary(caller.userId, params.backend_id)),
    ),
  ];
}
