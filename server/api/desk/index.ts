// The desk's API: its endpoints in one list, and the face they are mounted with.
import type { AnswerCache } from '../../http/answer-cache.ts';
import type { Face } from '../../http/endpoint.ts';
import type { Users } from '../../accounts/users.ts';
import { guardDesk } from './auth.ts';
import type { DeskAccess, DeskCaller, DeskKeys } from './auth.ts';
import { refuse } from './errors.ts';
import { backupEndpoints } from './backups.ts';
import type { BackupParts } from './backups.ts';
import { importEndpoints } from './imports.ts';
import type { ImportParts } from './imports.ts';
import { removedBookEndpoints } from './removed-books.ts';
import type { RemovedBookParts } from './removed-books.ts';
import { letterEndpoints } from './letters.ts';
import type { LetterParts } from './letters.ts';
import { peopleEndpoints } from './people.ts';
import type { PeopleParts } from './people.ts';
import { missingPasswordEndpoints } from './missing-passwords.ts';
import type { MissingPasswordParts } from './missing-passwords.ts';
import { shelfEndpoints } from './shelf.ts';
import type { ShelfParts } from './shelf.ts';
import { statusEndpoints } from './status.ts';
import type { StatusParts } from './status.ts';

export type DeskParts = StatusParts &
  ImportParts &
  ShelfParts &
  LetterParts &
  PeopleParts &
  BackupParts &
  RemovedBookParts &
  MissingPasswordParts;

/** Returns every endpoint under /desk/api, as a table of contents. */
export const deskEndpoints = (parts: DeskParts) => [
  ...statusEndpoints(parts),
  ...importEndpoints(parts),
  ...shelfEndpoints(parts),
  ...removedBookEndpoints(parts),
  ...letterEndpoints(parts),
  ...peopleEndpoints(parts),
  ...backupEndpoints(parts),
  ...missingPasswordEndpoints(parts),
];

/** Returns what the machinery needs to serve them. */
export const deskFace = (parts: {
  users: Users;
  keys: DeskKeys;
  cache: AnswerCache;
  checkAnswers: boolean;
}): Face<DeskCaller, DeskAccess> => ({
  authenticate: (req, access) => {
    guardDesk(req, access, parts.keys);
    return { ownerId: parts.users.shelfOwnerId() };
  },
  envelope: (answer) => answer,
  refuse,
  cacheScope: () => 'desk',
  cache: parts.cache,
  checkAnswers: parts.checkAnswers,
});
