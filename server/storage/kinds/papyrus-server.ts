// The server's own disk, under a name of the person's.
import { z } from 'zod';
import { defineStorageKind } from '../kind.ts';
import { WebAddress } from './option-schemas.ts';

export const papyrusServer = defineStorageKind({
  kind: 'papyrus_server',
  label: 'Papyrus Shelf',
  options: z.looseObject({ server_url: WebAddress.optional() }),
  keeps: 'here',
});
