// The kinds of storage a person can set up: what each is called, what it needs to know, and how it is opened.
import { z } from 'zod';
import type { StorageBackend } from './backend.ts';

export const STORAGE_KINDS = [
  'local', 'google_drive', 'onedrive', 'dropbox', 'webdav', 'minio', 's3', 'papyrus_server',
] as const; // prettier-ignore
export type StorageKind = (typeof STORAGE_KINDS)[number];

/** What opening a kind may need besides its options. */
export type Opening = { ownDisk: StorageBackend };

type Kind = {
  label: string;
  /** What it must and may know; keys beyond these are kept. */
  options: z.ZodObject;
  /** Names of the secrets it cannot do without. */
  requiredSecrets: readonly string[];
  /** Names of all its secrets: given among the options they are kept with the secrets all the same. */
  secrets: readonly string[];
} & (
  | { keeps: 'here'; open(opening: Opening): StorageBackend }
  /** Files stay on the person's device; the server keeps none and asks nobody. */
  | { keeps: 'on_device' }
  /** Can be set up; this program has nothing yet that speaks to it. */
  | { keeps: 'elsewhere' }
);

const text = (most = 2048) => z.string().trim().min(1).max(most);
const WebAddress = z.url({ protocol: /^https?$/ }).max(2048);
const folder = { folder_path: text(1024).optional() };
const TOKENS = ['access_token', 'refresh_token', 'expires_at'] as const;
const KEYS = ['access_key', 'secret_key'] as const;
const LOGIN = ['username', 'password'] as const;

/** Every kind (papyrus.md "Storage places"). */
export const KINDS: Record<StorageKind, Kind> = {
  local: {
    label: 'This device',
    options: z.looseObject({}),
    requiredSecrets: [],
    secrets: [],
    keeps: 'on_device',
  },
  papyrus_server: {
    label: 'Papyrus Shelf',
    options: z.looseObject({ server_url: WebAddress.optional() }),
    requiredSecrets: [],
    secrets: [],
    keeps: 'here',
    open: ({ ownDisk }) => ownDisk,
  },
  google_drive: {
    label: 'Google Drive',
    options: z.looseObject({ ...folder, folder_id: text(255).optional() }),
    requiredSecrets: [],
    secrets: TOKENS,
    keeps: 'elsewhere',
  },
  onedrive: {
    label: 'OneDrive',
    options: z.looseObject(folder),
    requiredSecrets: [],
    secrets: TOKENS,
    keeps: 'elsewhere',
  },
  dropbox: {
    label: 'Dropbox',
    options: z.looseObject(folder),
    requiredSecrets: [],
    secrets: TOKENS,
    keeps: 'elsewhere',
  },
  webdav: {
    label: 'WebDAV',
    options: z.looseObject({ ...folder, server_url: WebAddress }),
    requiredSecrets: LOGIN,
    secrets: LOGIN,
    keeps: 'elsewhere',
  },
  minio: {
    label: 'MinIO',
    options: z.looseObject({ endpoint: WebAddress, bucket: text(255), region: text(255).optional() }),
    requiredSecrets: KEYS,
    secrets: KEYS,
    keeps: 'elsewhere',
  },
  s3: {
    label: 'S3',
    options: z.looseObject({
      endpoint: WebAddress.optional(),
      bucket: text(255),
      region: text(255).optional(),
    }),
    requiredSecrets: KEYS,
    secrets: KEYS,
    keeps: 'elsewhere',
  },
};

/** The sentence for a kind that can be set up but not used. */
export const notYet = (kind: StorageKind): string =>
  `${KINDS[kind].label} is not available yet. Its settings are kept; files go to this server meanwhile.`;
