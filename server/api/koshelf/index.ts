// The KoShelf API: its endpoints in one list, and the face they are mounted with.
import type { Clock } from '../../base/clock.ts';
import type { AnswerCache } from '../../http/answer-cache.ts';
import type { Face } from '../../http/endpoint.ts';
import type { FaceDescription } from '../../http/openapi.ts';
import type { Covers } from '../../library/covers.ts';
import { annotationEndpoints } from './annotations.ts';
import { assetEndpoints, recapEndpoints } from './assets.ts';
import type { RecapParts } from './assets.ts';
import type { KoshelfAccess, KoshelfCaller, KoshelfDoor } from './auth.ts';
import { tellIn } from './dialect.ts';
import type { Dialect, DialectShape } from './dialect.ts';
import { KOSHELF_STATUS, refusalIn } from './errors.ts';
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

export type KoshelfParts = SiteParts &
  SessionParts &
  ItemParts &
  ReadingParts &
  WritebackParts &
  RecapParts & { covers: Covers };

/** Returns every endpoint under /api, as a table of contents. */
export const koshelfEndpoints = (parts: KoshelfParts) => [
  ...siteEndpoints(parts),
  ...sessionEndpoints(parts),
  ...itemEndpoints(parts),
  ...annotationEndpoints(parts),
  ...readingEndpoints(parts),
  ...writebackEndpoints(parts),
];

/** Returns the endpoints under /assets. */
export const koshelfAssets = (parts: KoshelfParts) => [...assetEndpoints(parts), ...recapEndpoints(parts)];

/** Returns what the machinery needs to serve them. */
export const koshelfFace = (parts: {
  door: KoshelfDoor;
  clock: Clock;
  version: string;
  cache: AnswerCache;
  checkAnswers: boolean;
  shape: DialectShape;
}): Face<KoshelfCaller, KoshelfAccess> => ({
  authenticate: (req, access) => parts.door.authenticate(req, access),
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

/** Returns what its API page says of it. */
export const koshelfDescription = (version: string, dialect: Dialect): FaceDescription => ({
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
