// Every route of every face with who may call it, and each tried by those who may not.
// First: it notes what the server mounts while it starts.
import { lineOf, servedRoutes } from './served.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld } from '../papyrus/contract/world.ts';
import type { World } from '../papyrus/contract/world.ts';
import type { Answer, Refusal } from '../../support/client.ts';
import { cookieIn, GUARD } from '../../support/server.ts';
import type { Route } from './served.ts';

const table: Route[] = readFileSync(join(import.meta.dirname, 'routes.txt'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => {
    const [path = '', method = '', access = ''] = line.split(' ');
    return { path, method, access };
  });
const ofFace = (access: string) => table.filter((route) => route.access === access);
const nobodysId = '00000000-0000-4000-8000-000000000000';
/** The path with an id nobody has in it. */
const filled = (path: string) => path.replace(/\{\w+\}/g, nobodysId);
const named = (routes: Route[]) => routes.map((route) => [`${route.method} ${route.path}`, route] as const);
const codeOf = (answer: Answer) => (answer.json() as Refusal).error.code;

let world: World;
beforeAll(async () => {
  world = await openWorld({ koshelfPassword: 'open sesame', writeback: true });
});
afterAll(() => world.close());

const ask = (route: Route, headers: Record<string, string>, path = filled(route.path)): Promise<Answer> =>
  world.server.get(path, {
    method: route.method,
    headers,
    ...(route.method === 'GET' ? {} : { body: {} }),
  });

describe('the table of routes', () => {
  it('has every route the server has, and no other', () => {
    expect(servedRoutes().map(lineOf)).toEqual(table.map(lineOf));
  });
});

describe('a route for signed-in people', () => {
  it.each(named(ofFace('user')))(
    '%s is closed to nobody, whatever they call themselves',
    async (_name, route) => {
      for (const authorization of [undefined, 'Bearer x', 'Basic YTpi', `Bearer ${'a.'.repeat(2)}b`]) {
        const answer = await ask(route, authorization === undefined ? {} : { authorization });
        expect([answer.status, typeof codeOf(answer)]).toEqual([401, 'string']);
      }
    },
  );

  it.each(named(ofFace('user')))('%s is closed to a session that has ended', async (_name, route) => {
    const answer = await ask(route, { authorization: `Bearer ${await endedToken()}` });
    expect([answer.status, codeOf(answer)]).toEqual([401, 'SESSION_REVOKED']);
  });

  it.each(named(ofFace('user')))(
    '%s is not reached by nobody under another spelling',
    async (_name, route) => {
      for (const path of otherSpellings(filled(route.path))) {
        const answer = await ask(route, {}, path);
        expect([path, answer.status]).toEqual([
          path,
          expect.toSatisfy((status: number) => [400, 401, 404, 405].includes(status)),
        ]);
        expect(answer.headers['content-type']).toMatch(/^application\/json/);
      }
    },
  );
});

describe('what is wrong with a request', () => {
  it.each(named([...ofFace('user'), ...ofFace('reader'), ...ofFace('desk'), ...ofFace('stream')]))(
    '%s tells nobody before they say who they are',
    async (_name, route) => {
      const broken = [
        { query: 'page=0&limit=x&sort=%00&page=2', raw: '{"', type: 'application/json' },
        { query: '', raw: Buffer.from([0x22, 0xff, 0x22]), type: 'application/json; charset=x-none' },
      ];
      for (const { query, raw, type } of route.method === 'GET' ? broken.slice(0, 1) : broken) {
        const answer = await world.server.get(`${filled(route.path)}?${query}`, {
          method: route.method,
          headers: { ...(route.access === 'desk' ? GUARD : {}), 'content-type': type },
          ...(route.method === 'GET' ? {} : { raw }),
        });
        expect(answer.status).toBe(401);
      }
    },
  );

  it.each([
    'sig=x&exp=never',
    'sig=&exp=',
    `sig=${'x'.repeat(3000)}`,
    'exp=1',
    'sig=x&sig=y&exp=1',
    'sig=x&exp=1&exp=2',
  ])('does not say more of a link that is none: %s', async (query) => {
    expect((await world.server.get(`/api/v1/files/download/${nobodysId}?${query}`)).status).toBe(401);
  });
});

describe('a route behind the lock of the KoShelf API', () => {
  it.each(named(ofFace('reader')))('%s is closed without a session of it', async (_name, route) => {
    for (const headers of [
      {},
      { cookie: 'koshelf_session=made-up' },
      { cookie: await endedCookie() },
      await papyrusHeaders(),
    ]) {
      const answer = await ask(route, headers);
      expect([answer.status, codeOf(answer)]).toEqual([401, 'unauthorized']);
    }
    for (const path of otherSpellings(filled(route.path))) {
      expect([path, (await ask(route, {}, path)).status]).toEqual([
        path,
        expect.toSatisfy((status: number) => status >= 400 && status < 500),
      ]);
    }
  });
});

describe('a route of the desk', () => {
  it.each(named([...ofFace('desk')]))(
    '%s is closed without the link, and to other sites',
    async (_name, route) => {
      expect((await ask(route, { ...GUARD })).status).toBe(401);
      expect((await ask(route, { ...GUARD, ...(await papyrusHeaders()) })).status).toBe(401);
      const cookie = await world.server.deskCookie();
      if (route.method !== 'GET') expect((await ask(route, { cookie })).status).toBe(403);
      expect((await ask(route, { ...GUARD, cookie, host: 'evil.example' })).status).toBe(421);
    },
  );
});

describe('a route of the stream', () => {
  it.each(named(ofFace('stream')))('%s is closed without a token to listen with', async (_name, route) => {
    const token = world.authorization.replace('Bearer ', '');
    for (const authorization of [undefined, 'Token x', `Token ${token}`, `Bearer ${token}`]) {
      const answer = await ask(route, authorization === undefined ? {} : { authorization });
      expect([answer.status, typeof codeOf(answer)]).toEqual([401, 'string']);
    }
    for (const path of otherSpellings(route.path)) {
      expect([path, (await ask(route, {}, path)).status]).toEqual([
        path,
        expect.toSatisfy((status: number) => status >= 400 && status < 500),
      ]);
    }
  });
});

describe('a known path', () => {
  const byPath = [...Map.groupBy(table, ({ path }) => path)];
  it.each(byPath)('%s refuses every other method and says which it takes', async (path, routes) => {
    const taken = new Set(routes.map(({ method }) => method));
    // The forms of the pages that letters lead to.
    if (['/join', '/reset-password', '/verify-email'].includes(path)) taken.add('POST');
    if (taken.has('GET')) taken.add('HEAD');
    const headers = {
      ...GUARD,
      cookie: [await world.server.deskCookie(), await koshelfCookie()].join('; '),
      authorization: world.authorization,
    };
    const isOpenToOrigins = /^\/(api\/v1|sync|write-checkpoint2\.json)(\/|$)/.test(path);
    const others = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'OPTIONS'].filter(
      (method) => !taken.has(method) && !(method === 'OPTIONS' && isOpenToOrigins),
    );
    for (const method of others) {
      const answer = await world.server.get(filled(path), { method, headers });
      expect([method, answer.status, answer.headers.allow]).toEqual([
        method,
        405,
        [...taken].toSorted().join(', '),
      ]);
      expect(codeOf(answer)).toMatch(/^(METHOD_NOT_ALLOWED|method_not_allowed|wrong_method)$/);
    }
  });
});

describe('what is for reading alone', () => {
  it.each(named([...ofFace('document'), ...ofFace('page')]))(
    '%s is there for everybody, and takes nothing',
    async (_name, route) => {
      expect((await world.server.get(route.path)).status).toBe(200);
      const sent = await world.server.get(route.path, { method: 'POST', body: {} });
      if (route.access === 'document') expect(sent.status).toBeGreaterThanOrEqual(400);
      expect(sent.status).toBeLessThan(500);
    },
  );
});

describe('an open route', () => {
  it.each(named(table.filter(({ access }) => access === 'public' || access === 'link')))(
    '%s answers in JSON, a file or a redirect whatever it is asked',
    async (_name, route) => {
      const answer = await ask(route, { ...GUARD });
      expect(answer.status).toBeLessThan(500);
      if (answer.status >= 400) expect(codeOf(answer)).toMatch(/\S/);
    },
  );
});

const papyrusHeaders = async () => ({ authorization: world.authorization });

let ended: string | undefined;
async function endedToken(): Promise<string> {
  if (ended === undefined) {
    const somebody = await world.somebody();
    await somebody.call('POST', '/auth/logout');
    ended = somebody.authorization.replace('Bearer ', '');
  }
  return ended;
}

let openCookie: string | undefined;
/** The cookie of a session of the KoShelf API. */
async function koshelfCookie(): Promise<string> {
  const login = { method: 'POST', body: { password: 'open sesame' } };
  return (openCookie ??= cookieIn(await world.server.koshelf('/auth/login', login)));
}

let cookie: string | undefined;
async function endedCookie(): Promise<string> {
  if (cookie === undefined) {
    const login = await world.server.koshelf('/auth/login', {
      method: 'POST',
      body: { password: 'open sesame' },
    });
    cookie = login.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    await world.server.koshelf('/auth/logout', { method: 'POST', headers: { cookie } });
  }
  return cookie;
}

/** The same path as a router that decodes twice, folds case or merges slashes would read it. */
function otherSpellings(path: string): string[] {
  const last = path.split('/').at(-1)!;
  const letter = last.slice(0, 1);
  const encoded = `%${letter.charCodeAt(0).toString(16)}`;
  return [
    path.replace(/\/([^/]*)$/, `/${encoded}${last.slice(1)}`),
    path.replace(/\/([^/]*)$/, `%2F$1`),
    path.replace(/\/([^/]*)$/, `/%252e%252e/$1`),
    path.replace(/\/([^/]*)$/, `/x/..%2f$1`),
    path.replace(/^\//, '//'),
    path.toUpperCase(),
    `${path}/`,
    `${path};a=b`,
    `${path}%00`,
    `${path}%zz`,
  ].filter((spelling) => spelling.startsWith('/'));
}
