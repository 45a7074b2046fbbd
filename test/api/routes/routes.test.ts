// Every route of every face with who may call it, and each tried by those who may not.
// First: it notes what the server mounts while it starts.
import { lineOf, servedRoutes } from './served.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld } from '../papyrus/contract/world.ts';
import type { World } from '../papyrus/contract/world.ts';
import type { Answer, Refusal } from '../../support/client.ts';
import { GUARD } from '../../support/server.ts';
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
  world = await openWorld({ koshelfPassword: 'open sesame' });
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
          expect.toSatisfy((status: number) => status === 401 || status === 404 || status === 400),
        ]);
        expect(answer.headers['content-type']).toMatch(/^application\/json/);
      }
    },
  );
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
