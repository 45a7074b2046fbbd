// The three API families over the same parts: their endpoints, their routers, and the application that serves them.
import express from 'express';
import type { Express, Router } from 'express';
import { createDeskKeys } from './api/desk/auth.ts';
import { presentError as presentDeskError } from './api/desk/errors.ts';
import { deskEndpoints, deskFace } from './api/desk/index.ts';
import type { RecapParts } from './api/koshelf/assets.ts';
import { createKoshelfDoor, isPublic } from './api/koshelf/auth.ts';
import { shapeOf } from './api/koshelf/dialect.ts';
import { presentError as presentKoshelfError } from './api/koshelf/errors.ts';
import { koshelfAssets, koshelfDescription, koshelfEndpoints, koshelfFace } from './api/koshelf/index.ts';
import { presentError as presentPapyrusError } from './api/papyrus/errors.ts';
import { papyrusDescription, papyrusEndpoints, papyrusFace, streamFace } from './api/papyrus/index.ts';
import { streamEndpoints } from './api/papyrus/sync/stream.ts';
import { letterPages } from './api/papyrus/accounts/letter-pages.ts';
import { version } from './base/version.ts';
import { createAnswerCache } from './http/answer-cache.ts';
import { apiPage } from './http/api-page.ts';
import { createApp, readable } from './http/app.ts';
import { mount } from './http/endpoint.ts';
import { linksForAsker, linksForGuests, linksForOthers } from './http/links.ts';
import { refuseForeignSignIns } from './http/origins.ts';
import { openApiDocument } from './http/openapi.ts';
import type { Served } from './http/openapi.ts';
import { builtPages } from './http/pages.ts';
import { webApp } from './http/web-app.ts';
import type { Patience } from './http/patience.ts';
import { createLimits } from './http/rate-limit.ts';
import { isReachable } from './listening.ts';
import type { Ground, Parts } from './parts.ts';
import type { Readings } from './reading/readings.ts';
import { recapOf } from './reading/recap.ts';
import type { ShareImages } from './reading/share-images/share-images.ts';

type FaceParts = Ground &
  Parts & {
    startedAt: Date;
    /** Check every answer against its schema before it leaves. */
    checkAnswers: boolean;
    patience?: Patience | undefined;
    /** The address at this computer, where alone the desk opens. */
    localOrigin: () => string;
  };

/** Returns the application with all three faces, and the ways into the desk. */
export function createFaces(parts: FaceParts): {
  app: Express;
  /** Returns a fresh link that opens the desk once. */
  newDeskUrl: () => string;
  /** Returns the key of a new session of the desk, for a program of this computer that may do what the desk may. */
  newDeskSession: () => string;
} {
  const { options, clock, catalogue, users, tokens, sessions, checkAnswers } = parts;
  const ownOrigins = () => [
    ...options.webOrigins,
    ...(options.publicUrl === undefined ? [] : [options.publicUrl]),
  ];
  const limits = createLimits({ clock, perMinute: options.rateLimits });
  const onEnded = () => parts.events.emit('sessions-ended', {});
  const keys = createDeskKeys({ clock, onEnded });
  const newDeskUrl = () => `${parts.localOrigin()}/desk/?token=${keys.newLink()}`;
  // Queries can ask for ages ("read:<7d"): no answer is older than a minute.
  const cache = createAnswerCache(
    () => `${catalogue.revision()} ${Math.floor(clock.now().getTime() / 60_000)}`,
  );
  const revision = () => catalogue.revision();

  const shape = shapeOf(options.koshelfDialect);
  const koshelfParts = {
    ...parts,
    attempts: limits.authentication,
    revision,
    version,
    dayOf: parts.rules.dayOf,
    shape,
    recapPicture: recapPicture(parts.readings, parts.shareImages),
    includeUnread: options.includeUnread,
    title: options.title,
    language: options.language,
    heatmapScaleMax: options.heatmapScaleMax,
  };
  const linkBase = linksForAsker(options.publicUrl);
  const letterBase = linksForOthers(options.publicUrl);
  const papyrus = papyrusEndpoints({ ...parts, linkBase, letterBase });
  const stream = streamEndpoints(parts);
  const koshelf = koshelfEndpoints(koshelfParts);
  const assets = koshelfAssets(koshelfParts);
  const desk = deskEndpoints({
    ...parts,
    keys,
    newDeskUrl,
    guestBase: linksForGuests(options),
    linkBase,
    revision,
    version,
    schedule: options.backupSchedule,
    at: options.backupTime,
  });
  const door = createKoshelfDoor({ users, sessions });
  const koshelfView = koshelfFace({ door, clock, version, cache, checkAnswers, shape });
  const documents = {
    papyrus: () =>
      openApiDocument(
        [
          { endpoints: papyrus },
          { endpoints: stream.listen, mountedAt: '/sync' },
          { endpoints: stream.checkpoint, mountedAt: '/write-checkpoint2.json' },
        ] as Served<unknown>[],
        papyrusDescription(version),
      ),
    koshelf: () =>
      openApiDocument(
        [{ endpoints: koshelf }, { endpoints: assets, mountedAt: '/assets' }],
        koshelfDescription(version, options.koshelfDialect),
      ),
  };

  const papyrusRouter = newRouter();
  readable(papyrusRouter, '/openapi.json', (_req, res) => void res.json(documents.papyrus()));
  mount(papyrusRouter, papyrus, papyrusFace({ tokens, cache, limits, linkBase, checkAnswers }));
  const streamView = streamFace({ streamTokens: parts.streamTokens, cache, checkAnswers });
  const streamRouter = newRouter();
  mount(streamRouter, stream.listen, streamView);
  const checkpointRouter = newRouter();
  mount(checkpointRouter, stream.checkpoint, streamView);
  const koshelfRouter = newRouter();
  readable(koshelfRouter, '/openapi.json', (_req, res) => void res.json(documents.koshelf()));
  mount(koshelfRouter, koshelf, koshelfView);
  const assetRouter = newRouter();
  mount(assetRouter, assets, koshelfView);
  const deskRouter = newRouter();
  mount(deskRouter, desk, deskFace({ users, keys, cache, checkAnswers }));

  const app = createApp({
    log: parts.log,
    loopbackOnly: !isReachable(options),
    trustedProxies: options.trustedProxies,
    health: () => ({ status: 'healthy' }),
    ownOrigins,
    check: () => catalogue.ownFile.check(),
    patience: parts.patience,
    faces: [
      {
        paths: ['/api/v1', '/v1'],
        router: papyrusRouter,
        present: presentPapyrusError,
        openToOrigins: true,
        guard: refuseForeignSignIns({ own: ownOrigins, hosts: options.oauthRedirectHosts }),
      },
      // Where clients of the stream look for it: at the root of the address.
      { paths: ['/sync'], router: streamRouter, present: presentPapyrusError, openToOrigins: true },
      {
        paths: ['/write-checkpoint2.json'],
        router: checkpointRouter,
        present: presentPapyrusError,
        openToOrigins: true,
      },
      { paths: ['/desk/api'], router: deskRouter, present: presentDeskError, takesCookies: true },
      {
        paths: ['/api'],
        router: koshelfRouter,
        present: presentKoshelfError,
        guard: door.guard(isPublic),
        takesCookies: true,
      },
      {
        paths: ['/assets'],
        router: assetRouter,
        present: presentKoshelfError,
        guard: door.guard(() => false),
      },
    ],
    pages: [
      ...letterPages({ ...parts, limits, linkBase: letterBase }),
      ...(options.rendererDir === undefined
        ? []
        : [{ path: '/desk', handler: builtPages(options.rendererDir) }]),
      {
        path: '/docs',
        handler: apiPage(() => [
          { title: 'Papyrus Server API', link: '/api/v1/openapi.json', document: documents.papyrus() },
          { title: 'KoShelf API', link: '/api/openapi.json', document: documents.koshelf() },
        ]),
      },
    ],
    ...(options.webApp === undefined ? {} : { site: webApp(options.webApp) }),
  });
  return { app, newDeskUrl, newDeskSession: () => keys.newSession() };
}

const newRouter = (): Router => express.Router({ caseSensitive: true, strict: true });

/** A share image of a year, drawn if need be; none of years without a finished book. */
const recapPicture =
  (readings: Readings, shareImages: ShareImages): RecapParts['recapPicture'] =>
  async (ownerId, { year, format, kind }) => {
    const { history } = await readings.view(ownerId);
    const recap = recapOf(history, year);
    return recap.completions === 0 ? undefined : (await shareImages.ensure(recap))[format][kind];
  };
