// The person's Google Drive.
import { z } from 'zod';
import { defineStorageKind } from '../kind.ts';
import { FolderPath, text, TOKENS } from './option-schemas.ts';

export const googleDrive = defineStorageKind({
  kind: 'google_drive',
  label: 'Google Drive',
  options: z.looseObject({ folder_path: FolderPath, folder_id: text(255).optional() }),
  secrets: TOKENS,
  keeps: 'elsewhere',
});
