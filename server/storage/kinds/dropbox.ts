// The person's Dropbox.
import { z } from 'zod';
import { defineStorageKind } from '../kind.ts';
import { FolderPath, TOKENS } from './option-schemas.ts';

export const dropbox = defineStorageKind({
  kind: 'dropbox',
  label: 'Dropbox',
  options: z.looseObject({ folder_path: FolderPath }),
  secrets: TOKENS,
  keeps: 'elsewhere',
});
