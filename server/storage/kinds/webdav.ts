// A server that speaks WebDAV, such as Nextcloud.
import { z } from 'zod';
import { defineStorageKind } from '../kind.ts';
import { FolderPath, WebAddress } from './option-schemas.ts';

const LOGIN = ['username', 'password'] as const;

export const webdav = defineStorageKind({
  kind: 'webdav',
  label: 'WebDAV',
  options: z.looseObject({ folder_path: FolderPath, server_url: WebAddress }),
  secrets: LOGIN,
  requiredSecrets: LOGIN,
  keeps: 'elsewhere',
});
