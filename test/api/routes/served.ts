// What the running server mounted: every endpoint of every face, noted while it starts.
import type { Router } from 'express';
import { vi } from 'vitest';
import type { AppParts } from '../../../server/http/app.ts';
import type { Endpoint } from '../../../server/http/endpoint.ts';

const mounted: { router: Router; endpoints: Endpoint<unknown>[] }[] = [];
const faces: AppParts['faces'] = [];

vi.mock('../../../server/http/endpoint.ts', async (load) => {
  const real = await load<typeof import('../../../server/http/endpoint.ts')>();
  return {
    ...real,
    mount: (router: Router, endpoints: never, face: never) => {
      mounted.push({ router, endpoints });
      real.mount(router, endpoints, face);
    },
  };
});
vi.mock('../../../server/http/app.ts', async (load) => {
  const real = await load<typeof import('../../../server/http/app.ts')>();
  return {
    ...real,
    createApp: (parts: AppParts) => {
      faces.push(...parts.faces);
      return real.createApp(parts);
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
  const routes = mounted.flatMap(({ router, endpoints }) => {
    const base = faces.find((face) => face.router === router)?.paths[0];
    if (base === undefined) throw new Error('endpoints are mounted on a router that no face has');
    return endpoints.map(({ spec }) => ({
      method: spec.method.toUpperCase(),
      path: `${base === '/' ? '' : base}${spec.path}`,
      access: spec.access,
    }));
  });
  return routes.toSorted((a, b) => (lineOf(a) < lineOf(b) ? -1 : 1));
}

/** Returns the route as the table has it. */
export const lineOf = ({ method, path, access }: Route): string => `${path} ${method} ${access}`;
