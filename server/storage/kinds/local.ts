// Files that stay on the person's device.
import { z } from 'zod';
import { defineStorageKind } from '../kind.ts';

export const local = defineStorageKind({
  kind: 'local',
  label: 'This device',
  options: z.looseObject({}),
  keeps: 'on_device',
});
