// Schemas of storage backends (papyrus.md "Storage places").
import { z } from 'zod';
import { isDeeper, MOST_LEVELS, TOO_DEEP } from '../../../base/json-depth.ts';
import type { StorageKind } from '../../../storage/kind.ts';
import { STORAGE_KINDS } from '../../../storage/kinds.ts';
import { Instant, papyrus, plainText, requiredText, Uuid } from '../shared-schemas.ts';

const StorageBackendType = z
  .enum(STORAGE_KINDS.map(({ kind }) => kind))
  .register(papyrus, { id: 'StorageBackendType' });
const ConnectionStatus = z
  .enum(['connected', 'disconnected', 'error'])
  .register(papyrus, { id: 'ConnectionStatus' });

const backendFields = {
  backend_id: Uuid,
  backend_type: StorageBackendType,
  name: z.string(),
  is_primary: z.boolean(),
  is_active: z.boolean(),
  base_path: z.string().nullable(),
  storage_used_bytes: z.int().nullable(),
  storage_quota_bytes: z.int().nullable(),
  last_accessed_at: Instant.nullable(),
  connection_status: ConnectionStatus,
  error_message: z.string().nullable(),
  created_at: Instant,
  updated_at: Instant,
};
export const StorageBackend = z.object(backendFields).register(papyrus, { id: 'StorageBackend' });

export const StorageBackendList = z
  .object({ backends: z.array(StorageBackend) })
  .register(papyrus, { id: 'StorageBackendList' });

export const StorageBackendTest = z
  .object({
    success: z.boolean(),
    message: z.string().describe('A sentence for the person.'),
    storage_info: z.object({ used_bytes: z.int().nullable(), quota_bytes: z.int().nullable() }),
    ...backendFields,
  })
  .register(papyrus, { id: 'StorageBackendTest' });

export const BackendParams = z.object({ backend_id: Uuid });

/** Kept as they are: each backend knows its own keys. */
const Keys = z
  .record(z.string().regex(/^\w{1,64}$/, 'names are letters, digits and _'), z.unknown())
  .refine((value) => !isDeeper(value, MOST_LEVELS), { error: TOO_DEEP, abort: true })
  .refine((value) => JSON.stringify(value).length <= 16_384, 'must be at most 16 KiB')
  .refine((value) => !JSON.stringify(value).includes('\\u0000'), 'must be plain text');
const BasePath = plainText(1024);

const optionNames = [...new Set(STORAGE_KINDS.flatMap(({ options }) => Object.keys(options.shape)))];
const secretNames = [...new Set(STORAGE_KINDS.flatMap(({ secrets }) => secrets))];
/** Which of its keys each kind cannot do without, for whoever reads the document. */
const needs = (of: (kind: StorageKind) => readonly string[]): string =>
  STORAGE_KINDS.map((kind) => [kind.kind, of(kind)] as const)
    .filter(([, keys]) => keys.length > 0)
    .map(([name, keys]) => `${name} needs ${keys.join(' and ')}`)
    .join('; ');
/** Keys beyond these are kept; their names are letters, digits and _, 64 at most, and all is 16 KiB at most. */
const keysNamed = (names: readonly string[]) => ({
  properties: Object.fromEntries(
    names.map((name) => [name, name === 'expires_at' ? {} : { type: 'string' as const }]),
  ),
  additionalProperties: {},
});
const connection = {
  ...keysNamed(optionNames),
  description: `What the kind must know: ${needs(({ options }) =>
    Object.entries(options.shape).flatMap(([name, schema]) =>
      schema.safeParse(undefined).success ? [] : [name],
    ),
  )}. Other keys are kept: letters, digits and _ in their names, 16 KiB in all.`,
};
const secret = (more: string) => ({
  ...keysNamed(secretNames),
  description: `${more} ${needs(({ requiredSecrets }) => requiredSecrets)}. Other keys are kept: letters, digits and _ in their names, 16 KiB in all.`,
});

export const CreateStorageBackendRequest = z
  .object({
    backend_type: StorageBackendType,
    name: requiredText(100),
    is_primary: z.boolean().default(false),
    connection_config: Keys.nullish().meta(connection),
    credentials: Keys.nullish().meta(secret('Are kept sealed and never shown again:')),
    base_path: BasePath.nullish(),
  })
  .register(papyrus, { id: 'CreateStorageBackendRequest' });

export const UpdateStorageBackendRequest = z
  .object({
    name: requiredText(100).optional(),
    is_active: z.boolean().optional(),
    connection_config: Keys.optional().meta({
      ...connection,
      description: `Takes the place of all that was given before. ${connection.description}`,
    }),
    credentials: Keys.optional().meta(secret('Only those given change; null forgets one:')),
    base_path: BasePath.nullish(),
  })
  .register(papyrus, { id: 'UpdateStorageBackendRequest' });

export const SetPrimaryRequest = z
  .object({ backend_id: Uuid })
  .register(papyrus, { id: 'SetPrimaryRequest' });
