// The KoShelf API: its endpoints in one list, and the face they are mounted with.
import type { Clock } from '../../base/clock.ts';
import type { KoshelfSessions } from '../../accounts/koshelf-sessions.ts';
import type { Users } from '../../accounts/users.ts';
import type { AnswerCache } from '../../http/answer-cache.ts';
import type { Face } from '../../http/endpoint.ts';
import type { FaceDescription } from '../../http/openapi.ts';
import type { Covers } from '../../library/covers.ts';
import { assetEndpoints } from './assets.ts';
import { authenticate } from './auth.ts';
import type { KoshelfAccess, KoshelfCaller } from './auth.ts';
import { KOSHELF_STATUS, refuse } from './errors.ts';
import { itemEndpoints } from './items.ts';
import type { ItemParts } from './items.ts';
import { ErrorAnswer, koshelf } from './schemas.ts';
import { siteEndpoints } from './site.ts';
import type { SiteParts } from './site.ts';

export type KoshelfParts = SiteParts & ItemParts & { covers: Covers };

/** Returns every endpoint under /api, as a table of contents. */
export const koshelfEndpoints = (parts: KoshelfParts) => [...siteEndpoints(parts), ...itemEndpoints(parts)];

/** Returns the endpoints under /assets. */
export const koshelfAssets = (parts: KoshelfParts) => assetEndpoints(parts);

/** Returns what the machinery needs to serve them. */
export const koshelfFace = (parts: {
  users: Users;
  sessions: KoshelfSessions;
  clock: Clock;
  version: string;
  cache: AnswerCache;
  checkAnswers: boolean;
}): Face<KoshelfCaller, KoshelfAccess> => ({
  authenticate: (req, access) => authenticate(req, access, parts),
  envelope: (data) => ({
    data,
    meta: { version: parts.version, generated_at: parts.clock.now().toISOString() },
  }),
  refuse,
  cacheScope: () => 'koshelf',
  cache: parts.cache,
  checkAnswers: parts.checkAnswers,
});

/** Returns what its API page says of it. */
export const koshelfDescription = (version: string): FaceDescription => ({
  title: 'KoShelf API',
  description:
    'The library, highlights and statistics KOReader leaves behind. Answers are wrapped in data and meta.',
  version,
  basePath: '/api',
  components: koshelf,
  errorSchema: ErrorAnswer,
  statusOf: KOSHELF_STATUS,
  security: { public: undefined, reader: { session: [] } },
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
