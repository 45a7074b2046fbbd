// Walks both OpenAPI documents: every operation at the bounds of its own schemas, one step beyond them, and without a token.
// What comes back is what the document says: the status, the media type, the JSON.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Asked } from '../../support/client.ts';
import { cookieIn, startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';
import { shelf, shelfReading } from '../koshelf/shelf.ts';
import { flawIn, readText, someOf, valuesFor } from './fits.ts';
import type { Components, Schema } from './fits.ts';

type Parameter = { name: string; in: string; required: boolean; explode?: boolean; schema: Schema };
type Described = { $ref?: string; content?: Record<string, { schema: Schema }> };
type Operation = {
  parameters: Parameter[];
  requestBody?: { required: boolean; content: Record<string, { schema: Schema }> };
  responses: Record<string, Described>;
  security: Record<string, string[]>[];
  servers?: { url: string }[];
};
type Document = {
  servers: { url: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Components; responses: Record<string, Described> };
};
type Each = { name: string; method: string; path: string; operation: Operation };

const NOBODY = '00000000-0000-4000-8000-000000000000';
const PASSWORD = 'open sesame';
/** They go on until whoever listens goes. */
const ENDLESS = /(events|sync)\/stream$/;
/** Whoever asks is not asked any more: for these somebody asks who asks nothing else. */
const PARTING = /^(POST \/auth\/logout(-all)?|DELETE \/users\/me|POST \/users\/me\/change-password)$/;

/** What a schema cannot say of a query, and its sentence; refused all the same. */
const MEANT: [operation: RegExp, why: string][] = [
  [/\?(query|smart_query)$/, 'is in a language of its own'],
  [/\?tz$/, 'names a zone of the world or none'],
  [/^GET \/books \?sort$/, 'by the order on a shelf only with a shelf'],
  [
    /^GET \/progress\/statistics \?(period|start_date|end_date)$/,
    'a period of one’s own has both ends, in order',
  ],
  [/^GET \/auth\/oauth\/google\/(start|callback) /, 'leads back to an app that is known'],
  [/^GET \/sync\/changes \?since$/, 'not before what is still known'],
  [/^PUT \/books\/\{book_id\}\/cover \?url$/, 'has a cover to fetch'],
  [/^PUT \/books\/\{book_id\}\/progress \?book_id$/, 'says a place or a part'],
  [/^GET \/write-checkpoint2\.json \?client_id$/, 'says which device asks'],
  [/^GET \/reading\/available-periods \?source$/, 'not every source has weeks'],
  [/^GET \/reading\/metrics \?group_by$/, 'not more points than anybody looks at'],
];

/** A change that is none is named among the rejected, and does not fail the others. */
const SORTED = /^POST \/sync\/changes \{"device_id":"[^"]+","changes":\[/;

describe.each([
  ['papyrus', '/api/v1/openapi.json', 'reference'],
  ['koshelf', '/api/openapi.json', 'reference'],
  ['koshelf', '/api/openapi.json', 'koshelf-2026.7'],
] as const)('the document of %s (%s) in the %s dialect', (face, where, dialect) => {
  let server: TestServer;
  let document: Document;
  let operations: Each[];
  let token: string;
  let cookie: string | undefined;
  beforeAll(async () => {
    server = await startTestServer({
      files: shelf,
      statistics: shelfReading,
      options: { koshelfPassword: PASSWORD, koshelfDialect: dialect, writeback: true },
    });
    token = await server.claim();
    document = (await server.get(where)).json() as Document;
    operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        name: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase(),
        path,
        operation,
      })),
    );
  });
  afterAll(() => server.close());

  /** What somebody who is signed in sends, as the operation wants it. */
  async function signedIn({ name, operation: { security } }: Each): Promise<Record<string, string>> {
    if (security.length === 0) return {};
    if (face === 'koshelf') {
      if (cookie === undefined || name === 'POST /auth/logout') {
        const login = { method: 'POST', body: { password: PASSWORD } };
        cookie = cookieIn(await server.koshelf('/auth/login', login));
      }
      const sent = { cookie };
      if (name === 'POST /auth/logout') cookie = undefined;
      return sent;
    }
    const own = PARTING.test(name) ? await server.signUp(`${crypto.randomUUID()}@example.org`) : token;
    if (!('streamToken' in security[0]!)) return { authorization: `Bearer ${own}` };
    const answer = await server.papyrus('POST', '/auth/powersync-token', undefined, own);
    return { authorization: `Bearer ${(answer.json() as { token: string }).token}` };
  }

  const ask = (
    { method, path, operation }: Each,
    query: Record<string, string>,
    asked: Asked,
    id = NOBODY,
  ) => {
    const base = operation.servers === undefined ? document.servers[0]!.url : '';
    const filled = path.replace(/\{\w+\}/g, encodeURIComponent(id));
    const sought = new URLSearchParams(query).toString();
    return server.get(`${base}${filled}${sought === '' ? '' : `?${sought}`}`, { method, ...asked });
  };

  /** What in an answer is not as the document says; undefined when all is. */
  function undocumented({ operation }: Each, answer: Answer): string | undefined {
    const said = operation.responses[answer.status];
    const told =
      said?.$ref === undefined ? said : document.components.responses[said.$ref.split('/').at(-1)!];
    if (told === undefined) return `status ${answer.status}: ${answer.text.slice(0, 200)}`;
    const type = (answer.headers['content-type'] ?? '').split(';')[0]!;
    if (told.content === undefined) return answer.text === '' ? undefined : `a body with ${answer.status}`;
    const content = told.content[type];
    if (content === undefined) return `type ${type} with ${answer.status}`;
    if (type !== 'application/json') return undefined;
    const flaw = flawIn(content.schema, answer.json(), document.components.schemas);
    return flaw === undefined ? undefined : `${answer.status}: ${flaw}`;
  }

  const fits = (schema: Schema, value: unknown) =>
    flawIn(schema, value, document.components.schemas) === undefined;
  const some = (schema: Schema): unknown[] =>
    someOf(valuesFor(schema, document.components.schemas), schema, document.components.schemas);
  const bodySchemaOf = ({ operation }: Each): Schema | undefined =>
    operation.requestBody?.content['application/json']?.schema;
  const good = (schema: Schema): unknown =>
    valuesFor(schema, document.components.schemas).find((value) => value !== null && fits(schema, value));
  const textOf = (value: unknown): string | undefined => {
    if (Array.isArray(value))
      return value.every((each) => typeof each !== 'object') ? value.join(',') : undefined;
    return typeof value === 'object' ? undefined : `${value as string | number | boolean}`;
  };
  /** What every request of the operation has in its query. */
  const needed = ({ operation }: Each): Record<string, string> =>
    Object.fromEntries(
      operation.parameters
        .filter((parameter) => parameter.in === 'query' && parameter.required)
        .map(({ name, schema }) => [name, textOf(good(schema)) ?? '']),
    );
  /** The smallest body that fits. */
  const smallest = (schema: Schema): Record<string, unknown> => {
    const reference = schema['$ref'];
    const whole =
      typeof reference === 'string' ? document.components.schemas[reference.split('/').at(-1)!]! : schema;
    const properties = (whole['properties'] ?? {}) as Record<string, Schema>;
    return Object.fromEntries(
      ((whole['required'] ?? []) as string[]).map((name) => [name, bodyValue(properties[name]!)]),
    );
  };
  const bodyValue = (schema: Schema): unknown => {
    const found = good(schema);
    return found === undefined ? smallest(schema) : found;
  };

  it('is of the answers of every list and every thing there is, as they are', async () => {
    const flaws: string[] = [];
    const ids = face === 'papyrus' ? await papyrusIds() : await koshelfIds();
    for (const each of operations) {
      if (each.method !== 'GET' || ENDLESS.test(each.path)) continue;
      const headers = await signedIn(each);
      const include = each.operation.parameters.find(({ name }) => name === 'include');
      const query = {
        ...needed(each),
        ...(include === undefined ? {} : { include: wordsOf(include).join(',') }),
      };
      for (const id of each.path.includes('{') ? ids : [NOBODY]) {
        const flaw = undocumented(each, await ask(each, query, { headers }, id));
        if (flaw !== undefined) flaws.push(`${each.name} of ${id}: ${flaw}`);
      }
    }
    expect(flaws).toEqual([]);
  });

  const wordsOf = ({ schema }: Parameter) => (schema['items'] as { enum: string[] }).enum;
  const koshelfIds = async () => {
    const { items } = await server.data<{ items: { id: string }[] }>('/items', {
      headers: await signedIn(operations.find(({ path }) => path === '/items')!),
    });
    return [
      ...items.map(({ id }) => id),
      ...items.slice(0, 2).map(({ id }) => `${id}.webp`),
      `${items[0]!.id}.epub`,
      NOBODY,
    ];
  };
  async function papyrusIds(): Promise<string[]> {
    const { books } = (await server.papyrus('GET', '/books', undefined, token)).json() as {
      books: { book_id: string; file_path: string | null }[];
    };
    const lists = ['shelves', 'annotations', 'reading-profiles', 'storage/backends'];
    const others = await Promise.all(
      lists.map(async (list) => {
        const answer = (await server.papyrus('GET', `/${list}`, undefined, token)).json() as object;
        const [first] = Object.values(answer)[0] as Record<string, string>[];
        return first === undefined ? [] : [Object.values(first)[0]!];
      }),
    );
    return [
      books[0]!.book_id,
      books.find(({ file_path }) => file_path !== null)!.file_path!,
      ...others.flat(),
      NOBODY,
    ];
  }

  it('asks who is there before it says what is wrong', async () => {
    for (const each of operations.filter(({ operation }) => operation.security.length > 0)) {
      const query = Object.fromEntries(each.operation.parameters.map(({ name }) => [name, 'a\0b']));
      delete query['sig'];
      const wrong = { raw: '{"', headers: { 'content-type': 'application/json' } };
      const answer = await ask(each, query, each.method === 'GET' ? {} : wrong);
      expect([each.name, answer.status]).toEqual([each.name, 401]);
      expect(undocumented(each, answer)).toBeUndefined();
    }
  });

  // What is taken is the same in both dialects.
  if (dialect !== 'reference') return;

  it('refuses what a query or a path may not be, and nothing that it may', async () => {
    const flaws: string[] = [];
    for (const each of operations) {
      if (ENDLESS.test(each.path)) continue;
      const body = bodySchemaOf(each);
      const sent = {
        headers: await signedIn(each),
        ...(body === undefined ? {} : { body: smallest(body) }),
      };
      for (const parameter of each.operation.parameters) {
        const name = `${each.name} ?${parameter.name}`;
        const isMeant = MEANT.some(([operation]) => operation.test(name));
        const isPath = parameter.in === 'path';
        // Of a query every word is tried, paths are alike.
        const values = isPath
          ? some(parameter.schema)
          : valuesFor(parameter.schema, document.components.schemas);
        const texts = new Set(values.map(textOf).filter((text) => text !== undefined));
        for (const text of texts) {
          // An empty part of a path is another path.
          if (text.length > 4_000 || (isPath && text.trim() === '')) continue;
          const query = { ...needed(each), ...withItsPair(each, parameter.name, text) };
          const answer = isPath
            ? await ask(each, query, sent, text)
            : await ask(each, { ...query, [parameter.name]: text }, sent);
          const isRight = fits(parameter.schema, readText(parameter.schema, text));
          const isRefused = answer.status === 400 || answer.status === 422;
          const flaw = undocumented(each, answer);
          const what = `${name} = ${JSON.stringify(text).slice(0, 60)}`;
          if (flaw !== undefined) flaws.push(`${what}: ${flaw}`);
          else if (isRight && isRefused && !isMeant && !text.includes('\0'))
            flaws.push(`${what} fits and is refused: ${answer.text.slice(0, 160)}`);
          else if (!isRight && !isRefused && answer.status < 400 && answer.status !== 302)
            flaws.push(`${what} does not fit and is taken with ${answer.status}`);
        }
      }
    }
    expect(flaws).toEqual([]);
  });

  /** One end of a range needs the other. */
  const withItsPair = ({ operation }: Each, name: string, text: string): Record<string, string> => {
    const pair = { from: 'to', to: 'from' }[name];
    return pair !== undefined && operation.parameters.some((parameter) => parameter.name === pair)
      ? { [pair]: text }
      : {};
  };

  it('refuses every body that does not fit, and answers those that do as it says', async () => {
    const flaws: string[] = [];
    for (const each of operations) {
      const schema = bodySchemaOf(each);
      if (schema === undefined || ENDLESS.test(each.path)) continue;
      const base = smallest(schema);
      const bodies: unknown[] = [base, null, 5, 'text', true, [], [base], {}];
      const reference = schema['$ref'] as string;
      const { properties = {} } = document.components.schemas[reference.split('/').at(-1)!]!;
      for (const [name, field] of Object.entries(properties as Record<string, Schema>))
        for (const value of some(field)) bodies.push({ ...base, [name]: value });
      const headers = await signedIn(each);
      for (const body of bodies) {
        const isRight = fits(schema, body);
        // Whoever has parted asks again as somebody else.
        const asking = isRight && PARTING.test(each.name) ? await signedIn(each) : headers;
        const answer = await ask(each, needed(each), { headers: asking, body });
        const flaw = undocumented(each, answer);
        const what = `${each.name} ${JSON.stringify(body).slice(0, 120)}`;
        if (flaw !== undefined) flaws.push(`${what}: ${flaw}`);
        else if (!isRight && answer.status < 400 && !SORTED.test(what))
          flaws.push(`${what} does not fit and is taken with ${answer.status}`);
      }
    }
    expect(flaws).toEqual([]);
  });
});
