// Schemas of the metadata server a person names (papyrus.md "The metadata server").
import { z } from 'zod';
import { Instant, papyrus, plainText, Uuid } from '../shared-schemas.ts';

const ServerType = z.enum(['official', 'self_hosted']).register(papyrus, { id: 'ServerType' });

export const CreateMetadataServerConfigRequest = z
  .object({
    server_url: z
      .url({ protocol: /^https?$/ })
      .max(2048)
      .refine(
        (url) => !URL.canParse(url) || (new URL(url).username === '' && new URL(url).password === ''),
        'must not hold a password',
      ),
    server_type: ServerType.optional().describe(
      'Official where the address is this server, else self_hosted.',
    ),
    sync_enabled: z.boolean().default(true),
    sync_interval_seconds: z.int().min(10).max(3600).default(30),
    auth_token: plainText(8192)
      .min(1)
      .nullish()
      .describe('Never in an answer. Absent keeps the one there is, null forgets it.'),
  })
  .register(papyrus, { id: 'CreateMetadataServerConfigRequest' });

export const MetadataServerTest = z
  .object({
    success: z.boolean(),
    message: z.string().describe('A sentence for the person.'),
    server_version: z.string().nullable(),
    latency_ms: z.int(),
  })
  .register(papyrus, { id: 'MetadataServerTest' });

export const MetadataServerConfig = z
  .object({
    config_id: Uuid,
    server_url: z.string(),
    server_type: ServerType,
    is_connected: z.boolean().describe('Whether the last test reached it.'),
    sync_enabled: z.boolean(),
    sync_interval_seconds: z.int(),
    last_sync_at: Instant.nullable(),
    sync_status: z.enum(['idle', 'syncing', 'error']),
    sync_error_message: z.string().nullable(),
    created_at: Instant,
    updated_at: Instant,
  })
  .register(papyrus, { id: 'MetadataServerConfig' });
