// The kinds of storage a person can set up (papyrus.md "Storage places"): a new one is a file of kinds/ and a line here.
import type { StorageKind } from './kind.ts';
import { dropbox } from './kinds/dropbox.ts';
import { googleDrive } from './kinds/google-drive.ts';
import { local } from './kinds/local.ts';
import { onedrive } from './kinds/onedrive.ts';
import { papyrusServer } from './kinds/papyrus-server.ts';
import { minio, s3 } from './kinds/s3.ts';
import { webdav } from './kinds/webdav.ts';

/** Every kind, in the order the API lists them. */
export const STORAGE_KINDS: readonly StorageKind[] = [
  local, googleDrive, onedrive, dropbox, webdav, minio, s3, papyrusServer,
]; // prettier-ignore

/** The sentence for a kind that can be set up but not used. */
export const notYet = ({ label }: StorageKind): string =>
  `${label} is not available yet. Its settings are kept; files go to this server meanwhile.`;
