// The KoShelf API as one face: its endpoints, its lock, and what its document says.
import type { Clock } from '../../base/clock.ts';
import type { AnswerCache } from '../../http/answer-cache.ts';
import { mountOf } from '../../http/face.ts';
import type { Face } from '../../http/face.ts';
import type { View } from '../../http/serve.ts';
import type { KoshelfSessions } from '../../accounts/koshelf-sessions.ts';
import type { Users } from '../../accounts/users.ts';
import type { FaceDescription } from '../../http/openapi.ts';
import type { Covers } from '../../library/covers.ts';
import type { FileBytes } from '../../storage/file-bytes.ts';
import { annotationEndpoints } from './annotations.ts';
import { assetEndpoints, recapEndpoints } from './assets.ts';
import type { RecapParts } from './assets.ts';
import { createKoshelfDoor, isPublic } from './auth.ts';
import type { KoshelfAccess, KoshelfCaller, KoshelfDoor } from './auth.ts';
import { tellIn } from './dialect.ts';
import type { Dialect, DialectShape } from './dialect.ts';
import { KOSHELF_STATUS, presentError, refusalIn } from './errors.ts';
import { itemEndpoints } from './items.ts';
import type { ItemParts } from './items.ts';
import { readingEndpoints } from './reading.ts';
import type { ReadingParts } from './reading.ts';
import { ErrorAnswer, koshelf } from './schemas.ts';
import { sessionEndpoints } from './sessions.ts';
import type { SessionParts } from './sessions.ts';
import { siteEndpoints } from './site.ts';
import type { SiteParts } from './site.ts';
import { writebackEndpoints } from './writeback.ts';
import type { WritebackParts } from './writeback.ts';

type KoshelfParts = SiteParts &
  SessionParts &
  ItemParts &
  ReadingParts &
  WritebackParts &
  RecapParts & {
    users: Users;
    sessions: KoshelfSessions;
    covers: Covers;
    fileBytes: FileBytes;
    dayOf: (sec: number) => string;
    clock: Clock;
    version: string;
    cache: AnswerCache;
    checkAnswers: boolean;
    dialect: Dialect;
    shape: DialectShape;
  };

/** Returns the face: what is under /api and /assets, behind one lock. */
export function createKoshelf(parts: KoshelfParts): Face {
  const door = createKoshelfDoor(parts);
  const view = koshelfView(door, parts);
  const endpoints = [
    ...siteEndpoints(parts),
    ...sessionEndpoints(parts),
    ...itemEndpoints(parts),
    ...annotationEndpoints(parts),
    ...readingEndpoints(parts),
    ...writebackEndpoints(parts),
  ];
  return {
    name: 'koshelf',
    audience: 'everybody',
    mounts: [
      mountOf(['/api'], endpoints, view, door.guard(isPublic)),
      mountOf(
        ['/assets'],
        [...assetEndpoints(parts), ...recapEndpoints(parts)],
        view,
        door.guard(() => false),
      ),
    ],
    present: presentError,
    takesCookies: true,
    description: koshelfDescription(parts.version, parts.dialect),
  };
}

const koshelfView = (door: KoshelfDoor, parts: KoshelfParts): View<KoshelfCaller, KoshelfAccess> => ({
  authenticate: (req, access) => door.authenticate(req, access),
  envelope: (data) => ({
    data,
    meta: { version: parts.version, generated_at: parts.clock.now().toISOString() },
  }),
  refusesOtherTypes: true,
  refuse: refusalIn(parts.shape),
  cacheScope: () => 'koshelf',
  cache: parts.cache,
  checkAnswers: parts.checkAnswers,
});

/** What its document says of it. */
const koshelfDescription = (version: string, dialect: Dialect): FaceDescription => ({
  title: 'KoShelf API',
  description: `The library, highlights and statistics KOReader leaves behind, in the ${dialect} dialect. Answers are wrapped in data and meta.`,
  tell: tellIn(dialect),
  version,
  basePath: '/api',
  components: koshelf,
  errorSchema: ErrorAnswer,
  statusOf: KOSHELF_STATUS,
  always: ['unavailable'],
  security: { public: undefined, reader: [{ session: [] }] },
  securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: 'koshelf_session' } },
  wrap: (payload) => ({
    type: 'object',
    required: ['data', 'meta'],
    properties: {
      data: payload,
      meta: {
        type: 'object',
        required: ['version', 'generated_at'],
        properties: { version: { type: 'string' }, generated_at: { type: 'string', format: 'date-time' } },
      },
    },
  }),
});
