// The express application: what every request meets, and which path belongs to which face.
import express from 'express';
import type { Express, NextFunction, Request, RequestHandler, Response, Router } from 'express';
import { AppError, forbidden } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import { isLoopback, namesLoopback } from './addresses.ts';
import { compressAnswers } from './compress.ts';
import { askerOf, networksOf } from './forwarded.ts';
import { DOCUMENT, documentOf } from './documents.ts';
import { errorHandler, requestIdOf, sendRefusal, unknownPath } from './errors.ts';
import type { ErrorAnswer } from './errors.ts';
import type { Face, Mount, Page } from './face.ts';
import { refuseOtherMethods } from './methods.ts';
import { refuseOtherSites, refuseTwoNames } from './origins.ts';
import type { OwnOrigins } from './origins.ts';
import { PATIENCE, waitForBodies } from './patience.ts';
import type { Patience } from './patience.ts';

export type AppParts = {
  log: Log;
  /** Refuse requests under any other name than this computer's: no foreign site's name can point here. */
  loopbackOnly: boolean;
  /** Ranges of proxies that are believed who asks. */
  trustedProxies?: readonly string[];
  /** Every family of endpoints. */
  faces: readonly Face[];
  /** Pages that belong to no face. */
  pages: readonly Page[];
  /** What is shown at all other addresses, instead of a word on where to look. */
  site?: RequestHandler;
  health: () => unknown;
  /** Addresses of this server besides those it is asked under. */
  ownOrigins?: OwnOrigins;
  /** Throws unavailable while the server cannot keep what it is told: then nothing is answered but that. */
  check?: (() => void) | undefined;
  /** How long bodies may take to come. */
  patience?: Patience | undefined;
};

/** Returns the application. Longer paths go first: a Papyrus path never falls through to KoShelf. */
export function createApp(parts: AppParts): Express {
  const { log, loopbackOnly, trustedProxies = [], faces, health, site } = parts;
  const { ownOrigins = () => [], patience = PATIENCE, check } = parts;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('case sensitive routing', true);
  app.set('strict routing', true);
  // Query values stay strings; a doubled name becomes a list, which no schema takes.
  app.set('query parser', 'simple');
  app.use(waitForBodies(patience), noteRequest(log), noteAsker(trustedProxies), securityHeaders);
  app.use(refuseTwoNames, compressAnswers);
  if (loopbackOnly) app.use(refuseForeignNames);

  readable(app, '/health', (_req, res) => {
    res.setHeader('Cache-Control', 'no-store');
    res.json(health());
  });
  const byLength = faces
    .flatMap((face) => face.mounts.flatMap((each) => served(face, each)))
    .toSorted((a, b) => b.path.length - a.path.length);
  for (const { path, face, guard, router } of byLength) {
    if (face.openToOrigins === true) app.use(path, cors);
    app.use(
      path,
      ...(face.audience === 'this computer' ? [refuseElsewhere(face.name)] : []),
      ...(face.takesCookies === true ? [refuseOtherSites(ownOrigins)] : []),
      ...(check === undefined ? [] : [refuseWhile(check, face.present)]),
      ...(guard === undefined ? [] : [guard]),
      router,
      unknownPath,
      errorHandler(face.present, log),
    );
  }
  const pages = [...faces.flatMap(({ pages: own = [] }) => own), ...parts.pages];
  for (const { path, handler, takes = ['GET'] } of pages)
    app.use(
      path,
      refuseOtherMethods(() => takes),
      handler,
    );
  if (site !== undefined)
    app.use(
      besides(
        [...byLength, ...pages].map(({ path }) => path),
        site,
      ),
    );
  readable(app, '/', (_req, res) => {
    res.json({
      name: 'Papyrus Shelf',
      pages: [
        { name: 'API', path: '/docs' },
        { name: 'Health', path: '/health' },
      ],
    });
  });
  app.use(unknownPath, errorHandler(presentPlain, log));
  return app;
}

/** A mount at each of its paths, with the face's document where it is the face's own place. */
function served(face: Face, mount: Mount) {
  const router = express.Router({ caseSensitive: true, strict: true });
  const { description } = face;
  if (description !== undefined && mount === face.mounts[0])
    readable(router, DOCUMENT, (_req, res) => void res.json(documentOf(face, description)));
  mount.addTo(router);
  return mount.paths.map((path) => ({ path, face, guard: mount.guard, router }));
}

/** Answers 503 in the face's own form while `check` throws. */
const refuseWhile =
  (check: () => void, present: Face['present']): RequestHandler =>
  (_req, res, next) => {
    try {
      check();
    } catch (error) {
      sendRefusal(res, { ...present(error), status: 503 });
      return;
    }
    next();
  };

/** Lets the site answer everything that is not below one of these paths: those belong to others, also where they answer nothing. */
function besides(paths: readonly string[], site: RequestHandler): RequestHandler {
  const taken = [...paths, '/desk'];
  return (req, res, next) =>
    taken.some((path) => req.path === path || req.path.startsWith(`${path}/`))
      ? next()
      : site(req, res, next);
}

/** Adds an address that is only there to be read. */
function readable(router: Router, path: string, handler: RequestHandler): void {
  router
    .route(path)
    .get(handler)
    .all(refuseOtherMethods(() => ['GET']));
}

/** Gives the request its id and writes one line when it is answered: no address, it may hold a title. */
const noteRequest =
  (log: Log): RequestHandler =>
  (req, res, next) => {
    const started = performance.now();
    req.headers['x-request-id'] = newId();
    res.on('finish', () => {
      log.debug('request answered', {
        requestId: requestIdOf(req),
        method: req.method,
        route:
          req.route === undefined
            ? undefined
            : `${req.baseUrl}${String((req.route as { path: unknown }).path)}`,
        status: res.statusCode,
        tookMs: Math.round(performance.now() - started),
      });
    });
    next();
  };

/** Gives the request the address of its client, and the scheme and the name it asked under: express reads no Forwarded header (RFC 7239). */
function noteAsker(trustedProxies: readonly string[]): RequestHandler {
  const trusted = networksOf(trustedProxies);
  return (req, _res, next) => {
    const { ip, isHttps, host } = askerOf(
      {
        peer: req.socket.remoteAddress ?? '',
        isEncrypted: req.secure,
        forwarded: req.get('forwarded'),
        xForwardedFor: req.get('x-forwarded-for'),
        xForwardedProto: req.get('x-forwarded-proto'),
        host: req.headers.host,
        xForwardedHost: req.get('x-forwarded-host'),
      },
      trusted,
    );
    Object.defineProperties(req, {
      ip: { value: ip },
      secure: { value: isHttps },
      host: { value: host },
    });
    next();
  };
}

const securityHeaders: RequestHandler = (_req, res, next) => {
  res.setHeader('X-Content-Type-Options', 'nosniff');
  res.setHeader('X-Frame-Options', 'DENY');
  res.setHeader('Referrer-Policy', 'strict-origin-when-cross-origin');
  // What another site's page embeds it can measure (Fetch standard, CORP).
  res.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  // Answers are data: whatever a book brings along, no browser runs it under this origin.
  res.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'; sandbox");
  next();
};

/** Neither the proxy at the other end of the connection nor whom it speaks for may be elsewhere, nor the name another site's. */
const refuseElsewhere =
  (name: string): RequestHandler =>
  (req, _res, next) => {
    const isHere = [req.socket.remoteAddress, req.ip].every((address) => isLoopback(address ?? ''));
    if (!isHere || !namesLoopback(req.headers.host)) {
      throw forbidden(`The ${name} can only be opened on the computer the server runs on.`, { code: 'away' });
    }
    next();
  };

const refuseForeignNames: RequestHandler = (req, res, next) => {
  if (namesLoopback(req.headers.host)) {
    next();
    return;
  }
  res.status(421).json({ error: { code: 'misdirected', message: 'This server does not go by that name.' } });
};

/** Fetch standard, CORS protocol: tokens, no cookies. */
function cors(req: Request, res: Response, next: NextFunction): void {
  res.setHeader('Access-Control-Allow-Origin', '*');
  res.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
  res.setHeader(
    'Access-Control-Expose-Headers',
    'ETag, Retry-After, X-Export-Notice, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset',
  );
  if (req.method !== 'OPTIONS') {
    next();
    return;
  }
  res.setHeader('Access-Control-Allow-Methods', 'GET, HEAD, POST, PUT, PATCH, DELETE');
  res.setHeader(
    'Access-Control-Allow-Headers',
    'Authorization, Content-Type, Accept, If-None-Match, X-User-Agent',
  );
  res.setHeader('Access-Control-Max-Age', '600');
  res.status(204).end();
}

/** What is wrong with a request that no face was asked. */
function presentPlain(error: unknown): ErrorAnswer {
  const [status, code, message] = plainWords(error);
  return { status, body: { error: { code, message } } };
}

function plainWords(error: unknown): [status: number, code: string, message: string] {
  if (!(error instanceof AppError)) return [500, 'internal', 'Something went wrong on the server.'];
  if (error.kind === 'wrong_method') return [405, 'method_not_allowed', error.message];
  return [404, 'not_found', 'There is nothing here.'];
}
