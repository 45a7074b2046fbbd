// The person's OneDrive.
import { z } from 'zod';
import { defineStorageKind } from '../kind.ts';
import { FolderPath, TOKENS } from './option-schemas.ts';

export const onedrive = defineStorageKind({
  kind: 'onedrive',
  label: 'OneDrive',
  options: z.looseObject({ folder_path: FolderPath }),
  secrets: TOKENS,
  keeps: 'elsewhere',
});
