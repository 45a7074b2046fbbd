// A bucket of S3, and MinIO as one whose address is always said.
import { z } from 'zod';
import { defineStorageKind } from '../kind.ts';
import { text, WebAddress } from './option-schemas.ts';

const KEYS = ['access_key', 'secret_key'] as const;
const bucket = { bucket: text(255), region: text(255).optional() };

export const minio = defineStorageKind({
  kind: 'minio',
  label: 'MinIO',
  options: z.looseObject({ endpoint: WebAddress, ...bucket }),
  secrets: KEYS,
  requiredSecrets: KEYS,
  keeps: 'elsewhere',
});

export const s3 = defineStorageKind({
  kind: 's3',
  label: 'S3',
  options: z.looseObject({ endpoint: WebAddress.optional(), ...bucket }),
  secrets: KEYS,
  requiredSecrets: KEYS,
  keeps: 'elsewhere',
});
