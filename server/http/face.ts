// A face: one family of endpoints, as one value. What serves it, describes it and lists it is made of it.
import type { RequestHandler, Router } from 'express';
import type { Endpoint } from './endpoint.ts';
import type { ErrorAnswer } from './errors.ts';
import type { FaceDescription } from './openapi.ts';
import { addEndpoints } from './serve.ts';
import type { View } from './serve.ts';

/** Endpoints under one or more paths of the server, all of which are the same. */
export type Mount = {
  paths: readonly [string, ...string[]];
  endpoints: readonly Endpoint<never>[];
  /** Is asked before anything else, also where there is no endpoint. */
  guard?: RequestHandler | undefined;
  addTo(router: Router): void;
};

/** What a browser is shown; `takes` are the methods it answers, GET where nothing is said. */
export type Page = { path: string; handler: RequestHandler; takes?: readonly string[] };

export type Face = {
  /** What it is called in addresses of documents and in sentences. */
  name: string;
  /** Whom a listener may let in: everybody in reach, or only who sits at this computer. */
  audience: 'everybody' | 'this computer';
  /** The first one is the face's own place; what is served elsewhere says so in the document. */
  mounts: readonly [Mount, ...Mount[]];
  /** How it says what went wrong: status, headers and a body in its own form. */
  present: (error: unknown) => ErrorAnswer;
  /** Browsers of other origins may call it: it is guarded by a token they must have. */
  openToOrigins?: boolean;
  /** A cookie alone opens it: what another site makes a browser send there changes nothing. */
  takesCookies?: boolean;
  /** Pages that belong to it, at the root of the server. */
  pages?: readonly Page[];
  /** How its OpenAPI document begins; without it the face is described nowhere. */
  description?: FaceDescription;
};

/** Returns endpoints with the view they are served in. */
export const mountOf = <Caller, Access extends string>(
  paths: Mount['paths'],
  endpoints: readonly Endpoint<Caller, Access>[],
  view: View<Caller, Access>,
  guard?: RequestHandler,
): Mount => ({
  paths,
  endpoints,
  guard,
  addTo: (router) => addEndpoints(router, endpoints, view),
});
