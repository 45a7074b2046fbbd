import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cookieIn, startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';

type Operation = {
  operationId: string;
  summary: string;
  tags: string[];
  parameters: { name: string; in: string; required: boolean; schema: object }[];
  responses: Record<string, { description: string } | { $ref: string }>;
  servers?: { url: string }[];
};
type Document = {
  openapi: string;
  info: Record<'title' | 'description' | 'version', string> & { license: { name: string } };
  servers: { url: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: Record<'schemas' | 'securitySchemes', Record<string, object>> & {
    responses: Record<string, { description: string }>;
  };
};

const PASSWORD = 'open sesame';
let server: TestServer;
beforeAll(async () => {
  // Some of the KoShelf API is there only when it is locked.
  server = await startTestServer({ options: { koshelfPassword: PASSWORD } });
});
afterAll(() => server.close());

/** What the contracts promise of what is there so far. */
const contracts = {
  papyrus: {
    path: '/api/v1/openapi.json',
    base: '/api/v1',
    operations: [
      'post /auth/register',
      'post /auth/login',
      'post /auth/refresh',
      'post /auth/logout',
      'get /users/me',
      'patch /users/me',
      'get /books',
      'post /books',
      'get /books/{book_id}',
      'patch /books/{book_id}',
      'delete /books/{book_id}',
      'get /annotations',
      'get /annotations/{annotation_id}',
      'patch /annotations/{annotation_id}',
      'delete /annotations/{annotation_id}',
      'get /books/{book_id}/annotations',
      'post /books/{book_id}/annotations',
      'post /annotations/export',
      'get /books/{book_id}/annotations/export',
      'get /notes',
      'get /notes/{note_id}',
      'patch /notes/{note_id}',
      'delete /notes/{note_id}',
      'get /books/{book_id}/notes',
      'post /books/{book_id}/notes',
      'get /bookmarks/{bookmark_id}',
      'patch /bookmarks/{bookmark_id}',
      'delete /bookmarks/{bookmark_id}',
      'get /books/{book_id}/bookmarks',
      'post /books/{book_id}/bookmarks',
    ],
  },
  koshelf: {
    path: '/api/openapi.json',
    base: '/api',
    operations: [
      'get /site',
      'get /events/stream',
      'get /health',
      'post /auth/login',
      'post /auth/logout',
      'put /auth/password',
      'get /auth/sessions',
      'delete /auth/sessions/{session_id}',
      'get /items',
      'get /items/{id}',
      'get /items/{id}/page-activity',
    ],
  },
} as const;

describe.each(Object.entries(contracts))('the OpenAPI document of %s', (name, { path, base, operations }) => {
  let document: Document;
  beforeAll(async () => {
    document = (await server.get(path)).json() as Document;
  });
  const all = () =>
    Object.entries(document.paths).flatMap(([route, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ route, method, operation })),
    );

  it('is the one that is kept with the program; npm run openapi writes it anew', () => {
    const kept = readFileSync(new URL(`../../resources/openapi/${name}.json`, import.meta.url), 'utf8');
    expect(document).toEqual(JSON.parse(kept));
  });

  it('passes the linter of Redocly without an error', async () => {
    const file = new URL(`../../resources/openapi/${name}.json`, import.meta.url).pathname;
    const linter = createRequire(import.meta.url).resolve('@redocly/cli/bin/cli.js');
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
    // It ends with 1 when there are errors.
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [linter, 'lint', '--format=json', '--extends=recommended', file],
      { env },
    ).catch((error: { stdout: string }) => error);
    const { problems, totals } = JSON.parse(stdout) as { problems: { severity: string }[]; totals: object };
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(totals).toMatchObject({ errors: 0 });
  });

  it('is OpenAPI 3.0.3 and says where the API is', () => {
    expect(document.openapi).toBe('3.0.3');
    expect(Object.keys(document).sort()).toEqual(['components', 'info', 'openapi', 'paths', 'servers']);
    expect(document.servers).toEqual([{ url: base }]);
    const { license, ...words } = document.info;
    for (const word of Object.values(words)) expect(word).toMatch(/\S/);
    expect(license.name).toBe('MIT');
  });

  it('has every endpoint of the API', () => {
    const found = all().map(({ method, route }) => `${method} ${route}`);
    expect(found).toEqual(expect.arrayContaining([...operations]));
  });

  it('gives every operation an id of its own, a summary, a tag and an answer that succeeds', () => {
    const ids = all().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { operation } of all()) {
      expect(operation.operationId).toMatch(/^[a-z][A-Za-z0-9]+$/);
      expect(operation.summary).toMatch(/^[A-Z].*\.$/);
      expect(operation.tags).toHaveLength(1);
      const good = Object.keys(operation.responses).filter((status) => /^(2\d\d|302)$/.test(status));
      // A redirect is an answer of its own, or another way to the same thing.
      expect(good.length).toBeGreaterThan(0);
      // A part of it is the same answer.
      expect(good.filter((status) => !['206', '302'].includes(status)).length).toBeLessThanOrEqual(1);
      for (const answer of Object.values(operation.responses))
        if ('description' in answer) expect(answer.description).toMatch(/\S/);
    }
    for (const { description } of Object.values(document.components.responses))
      expect(description).toMatch(/^[A-Z].*\.$/);
  });

  it('declares every parameter of a path, and each name once', () => {
    for (const { route, operation } of all()) {
      const inPath = operation.parameters.filter((parameter) => parameter.in === 'path');
      const named = Array.from(route.matchAll(/\{(\w+)\}/g), ([, parameter = '']) => parameter);
      expect(inPath.map((parameter) => parameter.name).sort()).toEqual(named.sort());
      expect(inPath.every((parameter) => parameter.required)).toBe(true);
      const names = operation.parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it('points nowhere that is not there, and has no component nobody points to', () => {
    const references = new Set<string>();
    const collect = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      for (const [key, inner] of Object.entries(value)) {
        if (key === '$ref') references.add(String(inner));
        else collect(inner);
      }
    };
    collect(document);
    const { schemas, responses } = document.components;
    const there = Object.entries({ schemas, responses }).flatMap(([group, components]) =>
      Object.keys(components).map((id) => `#/components/${group}/${id}`),
    );
    expect([...references].sort()).toEqual(there.sort());
  });

  it('uses no words that OpenAPI 3.0 does not know', () => {
    const words = new Set<string>();
    const collect = (schema: unknown, isMap = false): void => {
      if (typeof schema !== 'object' || schema === null) return;
      for (const [key, inner] of Object.entries(schema)) {
        if (!isMap && !Array.isArray(schema)) words.add(key);
        collect(inner, !isMap && key === 'properties');
      }
    };
    for (const schema of Object.values(document.components.schemas)) collect(schema);
    for (const word of ['$id', '$schema', '$defs', 'const', 'propertyNames', 'patternProperties', 'examples'])
      expect(words).not.toContain(word);
  });

  it('names only ways to sign in that it describes', () => {
    const named = JSON.stringify(document.paths).matchAll(/"security":\[\{"(\w+)"/g);
    const known = Object.keys(document.components.securitySchemes);
    for (const [, scheme] of named) expect(known).toContain(scheme);
  });

  it('answers each operation that needs no input of the caller', async () => {
    const token = await server.signUp(`${name}@example.org`);
    const login = { method: 'POST', body: { password: PASSWORD } };
    const headers = {
      authorization: `Bearer ${token}`,
      cookie: cookieIn(await server.koshelf('/auth/login', login)),
    };
    for (const { route, method, operation } of all()) {
      const needsInput = operation.parameters.some((parameter) => parameter.required);
      // What is served at the root has tokens of its own.
      if (method !== 'get' || needsInput || route.endsWith('/stream') || operation.servers) continue;
      const answer = await server.get(base + route, { headers });
      // A person may have none of what there is one of.
      const fine = operation.responses['404'] === undefined ? [200] : [200, 404];
      expect(fine, `${route} ${answer.status}`).toContain(answer.status);
    }
  });
});

describe('/docs', () => {
  it('shows every operation of both APIs on a page that runs nothing', async () => {
    const answer = await server.get('/docs/');
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    const policy = answer.headers['content-security-policy'];
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('script-src');
    expect(answer.text).not.toMatch(/<script|\son\w+=|javascript:/i);
    const shown = Array.from(
      answer.text.matchAll(/<summary><span class="method">(\w+)<\/span> <code>([^<]*)<\/code>/g),
      ([, method = '', path = '']) => `${method.toLowerCase()} ${path.replaceAll('&#123;', '{')}`,
    );
    for (const { base, operations } of Object.values(contracts)) {
      const expected = operations.map((operation) => operation.replace(' ', ` ${base}`));
      expect(shown).toEqual(expect.arrayContaining(expected));
    }
  });

  it('links only to places on the page and to pages that are there', async () => {
    const { text } = await server.get('/docs/');
    const ids = new Set(Array.from(text.matchAll(/\sid="([^"]+)"/g), ([, id]) => id));
    const links = Array.from(text.matchAll(/href="([^"]+)"/g), ([, link = '']) => link);
    expect(links.length).toBeGreaterThan(20);
    for (const link of new Set(links)) {
      if (link.startsWith('#')) expect(ids).toContain(link.slice(1));
      else expect([link, (await server.get(link)).status]).toEqual([link, 200]);
    }
  });

  it('is found without the slash too', async () => {
    expect((await server.get('/docs')).status).toBe(200);
  });
});

describe('the desk', () => {
  it('is no part of a public document', async () => {
    for (const { path } of Object.values(contracts)) {
      expect((await server.get(path)).text).not.toContain('/desk');
    }
  });
});
