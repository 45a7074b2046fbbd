// The families of endpoints over the same features, and the application that serves them.
import type { Express } from 'express';
import { createDeskKeys } from './api/desk/auth.ts';
import { createDesk } from './api/desk/index.ts';
import type { RecapParts } from './api/koshelf/assets.ts';
import { shapeOf } from './api/koshelf/dialect.ts';
import { createKoshelf } from './api/koshelf/index.ts';
import { createPapyrus } from './api/papyrus/index.ts';
import { version } from './base/version.ts';
import { createAnswerCache } from './http/answer-cache.ts';
import { apiPage } from './http/api-page.ts';
import { createApp } from './http/app.ts';
import { apiDocuments } from './http/documents.ts';
import type { Face } from './http/face.ts';
import { linksForAsker, linksForGuests, linksForOthers } from './http/links.ts';
import type { Patience } from './http/patience.ts';
import { createLimits } from './http/rate-limit.ts';
import { webApp } from './http/web-app.ts';
import { isReachable } from './listening.ts';
import type { Features, Ground } from './features.ts';
import { recapOf } from './reading/recap.ts';

/** Every face: a new one is a folder of api/ and a line here. */
const FACES = [createPapyrus, createKoshelf, createDesk];

type About = {
  startedAt: Date;
  /** Check every answer against its schema before it leaves. */
  checkAnswers: boolean;
  patience?: Patience | undefined;
  /** The address at this computer, where alone the desk opens. */
  localOrigin: () => string;
};

export type Faces = {
  app: Express;
  faces: readonly Face[];
  /** Returns a fresh link that opens the desk once. */
  newDeskUrl: () => string;
  /** Returns the key of a new session of the desk, for a program of this computer that may do what the desk may. */
  newDeskSession: () => string;
};

/** Returns the application with all faces, and the ways into the desk. */
export function createFaces(ground: Ground, features: Features, about: About): Faces {
  const { options, settings, clock, catalogue, events, log } = ground;
  const keys = createDeskKeys({ clock, onEnded: () => events.emit('sessions-ended', {}) });
  const newDeskUrl = () => `${about.localOrigin()}/desk/?token=${keys.newLink()}`;
  const ownOrigins = () => [
    ...options.webOrigins,
    ...(options.publicUrl === undefined ? [] : [options.publicUrl]),
  ];
  const limits = createLimits({ clock, perMinute: options.rateLimits });
  const given = {
    ...options,
    ...ground,
    ...about,
    ...verbsOf(features),
    keys,
    newDeskUrl,
    version,
    limits,
    attempts: limits.authentication,
    // Queries can ask for ages ("read:<7d"): no answer is older than a minute.
    cache: createAnswerCache(
      () => `${catalogue.revision()} ${settings.revision()} ${Math.floor(clock.now().getTime() / 60_000)}`,
    ),
    revision: () => catalogue.revision(),
    dayOf: features.reading.rules.dayOf,
    dialect: options.koshelfDialect,
    shape: shapeOf(options.koshelfDialect),
    recapPicture: recapPicture(features.reading),
    linkBase: linksForAsker(options.publicUrl),
    letterBase: linksForOthers(options.publicUrl),
    guestBase: linksForGuests(options),
    ownOrigins,
    signInHosts: options.oauthRedirectHosts,
    site: () => ({ title: options.title, language: options.language }),
    stablePages: () => options.stablePages,
    heatmapScaleMax: () => options.heatmapScaleMax,
    backupTimes: () => ({ schedule: options.backupSchedule, at: options.backupTime }),
  };
  const faces = FACES.map((create) => create(given));
  const app = createApp({
    log,
    loopbackOnly: !isReachable(options),
    trustedProxies: options.trustedProxies,
    health: () => ({ status: 'healthy' }),
    ownOrigins,
    check: () => catalogue.ownFile.check(),
    patience: about.patience,
    faces,
    pages: [{ path: '/docs', handler: apiPage(() => apiDocuments(faces)) }],
    ...(options.webApp === undefined ? {} : { site: webApp(options.webApp) }),
  });
  return { app, faces, newDeskUrl, newDeskSession: () => keys.newSession() };
}

/** The verbs of all features side by side: an endpoint says which it calls, and not which room they are of. */
const verbsOf = (all: Features) => ({
  ...all.accounts,
  ...all.search,
  ...all.shelves,
  ...all.library,
  ...all.marks,
  ...all.reading,
  ...all.storage,
  ...all.files,
  ...all.koreader,
  ...all.sync,
  ...all.sources,
  ...all.backups,
  ...all.portability,
  jobs: all.jobs,
  missingSecrets: all.missingSecrets,
  scratchDir: all.scratchDir,
});

/** A share image of a year, drawn if need be; none of years without a finished book. */
const recapPicture =
  ({ readings, shareImages }: Features['reading']): RecapParts['recapPicture'] =>
  async (ownerId, { year, format, kind }) => {
    const { history } = await readings.view(ownerId);
    const recap = recapOf(history, year);
    return recap.completions === 0 ? undefined : (await shareImages.ensure(recap))[format][kind];
  };
