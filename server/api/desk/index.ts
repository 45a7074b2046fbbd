// The desk as one face: its endpoints, who may call them, and its pages.
import type { AnswerCache } from '../../http/answer-cache.ts';
import { mountOf } from '../../http/face.ts';
import type { Face } from '../../http/face.ts';
import { builtPages } from '../../http/pages.ts';
import type { View } from '../../http/serve.ts';
import type { Users } from '../../accounts/users.ts';
import { guardDesk } from './auth.ts';
import type { DeskAccess, DeskCaller, DeskKeys } from './auth.ts';
import { presentError, refuse } from './errors.ts';
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
import { settingEndpoints } from './settings.ts';
import type { SettingParts } from './settings.ts';
import { shelfEndpoints } from './shelf.ts';
import type { ShelfParts } from './shelf.ts';
import { statusEndpoints } from './status.ts';
import type { StatusParts } from './status.ts';

type DeskParts = StatusParts &
  ImportParts &
  ShelfParts &
  LetterParts &
  PeopleParts &
  BackupParts &
  RemovedBookParts &
  SettingParts &
  MissingPasswordParts & {
    users: Users;
    keys: DeskKeys;
    cache: AnswerCache;
    checkAnswers: boolean;
    /** The folder of the built pages. */
    rendererDir?: string | undefined;
  };

/** Returns the face of the desk, and the built pages that speak it where there are some. */
export function createDesk(parts: DeskParts): Face {
  const endpoints = [
    ...statusEndpoints(parts),
    ...importEndpoints(parts),
    ...shelfEndpoints(parts),
    ...removedBookEndpoints(parts),
    ...letterEndpoints(parts),
    ...peopleEndpoints(parts),
    ...backupEndpoints(parts),
    ...settingEndpoints(parts),
    ...missingPasswordEndpoints(parts),
  ];
  return {
    name: 'desk',
    audience: 'this computer',
    mounts: [mountOf(['/desk/api'], endpoints, deskView(parts))],
    present: presentError,
    takesCookies: true,
    ...(parts.rendererDir === undefined
      ? {}
      : { pages: [{ path: '/desk', handler: builtPages(parts.rendererDir) }] }),
  };
}

const deskView = ({ users, keys, cache, checkAnswers }: DeskParts): View<DeskCaller, DeskAccess> => ({
  authenticate: (req, access) => {
    guardDesk(req, access, keys);
    return { ownerId: users.shelfOwnerId() };
  },
  envelope: (answer) => answer,
  refuse,
  cacheScope: () => 'desk',
  cache,
  checkAnswers,
});
