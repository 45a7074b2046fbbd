// What the running server mounted: every endpoint of every face, noted while it starts.
import type { Express, Router } from 'express';
import { vi } from 'vitest';
import type * as AppModule from '../../../server/http/app.ts';
import type { AppParts } from '../../../server/http/app.ts';
import { DOCUMENT } from '../../../server/http/documents.ts';
import type { Face, Page } from '../../../server/http/face.ts';

const faces: Face[] = [];
const pages: Page[] = [];
const apps: Express[] = [];

vi.mock('../../../server/http/app.ts', async (load) => {
  const real = await load<typeof AppModule>();
  return {
    ...real,
    createApp: (parts: AppParts) => {
      faces.push(...parts.faces);
      pages.push(...parts.pages, ...parts.faces.flatMap((face) => face.pages ?? []));
      const app = real.createApp(parts);
      apps.push(app);
      return app;
    },
  };
});

export type Route = {
  method: string;
  /** Under the first path of its face. */
  path: string;
  /** The face's word for who may call it. */
  access: string;
};

/** Returns the routes in the order of their paths; made by the servers this test file started. */
export function servedRoutes(): Route[] {
  const endpoints = faces.flatMap((face) =>
    face.mounts.flatMap(({ paths: [base], endpoints: those }) =>
      those.map(({ spec }) => ({
        method: spec.method.toUpperCase(),
        path: joined(base, spec.path),
        access: spec.access,
      })),
    ),
  );
  // What is no endpoint: documents of the faces, and what the application itself answers.
  const others = [
    ...faces.flatMap(({ description, mounts: [{ paths }] }) =>
      description === undefined
        ? []
        : [{ method: 'GET', path: `${paths[0]}${DOCUMENT}`, access: 'document' }],
    ),
    ...apps.flatMap((app) => plainRoutes(app.router, '', 'public')),
    ...pages.map(({ path }) => ({ method: 'GET', path, access: 'page' })),
  ].filter(
    ({ method, path }) => !endpoints.some((each) => each.method === method && isSame(each.path, path)),
  );
  return [...endpoints, ...others].toSorted((a, b) => (lineOf(a) < lineOf(b) ? -1 : 1));
}

const plainRoutes = (router: Router, base: string, access: string): Route[] =>
  router.stack.flatMap(({ route }) =>
    // A layer without a method refuses all others.
    (route?.stack ?? []).flatMap(({ method }: { method: string | undefined }) =>
      method === undefined ? [] : [{ method: method.toUpperCase(), path: joined(base, route!.path), access }],
    ),
  );

const joined = (base: string, path: string) => (base !== '' && path === '/' ? base : `${base}${path}`);
/** {name} as endpoints have it, :name and *name as express does. */
const isSame = (ours: string, express: string) =>
  ours.replace(/\{\w+\}/g, '{}') === express.replace(/[:*]\w+/g, '{}');

/** Returns the route as the table has it. */
export const lineOf = ({ method, path, access }: Route): string => `${path} ${method} ${access}`;
