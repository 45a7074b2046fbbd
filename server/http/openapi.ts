// Makes a face's OpenAPI document from the same endpoints and schemas that answer requests.
import type { z } from 'zod';
import type { ErrorKind } from '../base/errors.ts';
import { kindsOf } from './bodies.ts';
import type { MediaOf } from './bodies.ts';
import type { Answers, Endpoint } from './endpoint.ts';
import { parametersOf } from './openapi-parameters.ts';
import { componentsOf } from './openapi-schemas.ts';
import type { Json, Telling } from './openapi-schemas.ts';

export type FaceDescription = {
  title: string;
  description: string;
  version: string;
  basePath: string;
  /** Component names of the face's schemas. Every body and every answer has one. */
  components: ReturnType<typeof z.registry<{ id: string }>>;
  errorSchema: z.ZodType;
  /** HTTP status of each kind of error. */
  statusOf: Record<ErrorKind, number>;
  /** Kinds of error every operation can answer, whatever it is for. */
  always: readonly ErrorKind[];
  /** What an access word asks for: one of these; undefined for public endpoints. */
  security: Record<string, readonly Record<string, string[]>[] | undefined>;
  securitySchemes: Record<string, unknown>;
  /** Chooses what is said of fields that say several things; they are as they are where nothing is given. */
  tell?: Telling;
  /** The schema of a JSON answer around its payload, where the face wraps answers. */
  wrap: (payload: unknown) => unknown;
};

/** Endpoints that are served in one place: under the face's base path, or somewhere else at the root of the server. */
export type Served = { endpoints: readonly Endpoint<never>[]; mountedAt?: string };

/**
 * Returns the document (OpenAPI 3.0.3). It has the schemas its operations name and no others. Throws when a body or an
 * answer has no component name.
 */
export function openApiDocument(served: readonly Served[], face: FaceDescription): Json {
  const paths: Record<string, Json> = {};
  const tell: Telling = face.tell ?? ((field) => field);
  const components = componentsOf(face.components, tell);
  const referenceTo: ReferenceTo = (schema, where) => components.referenceTo(schema, where);
  const described = served.flatMap(({ endpoints, mountedAt }) =>
    endpoints.filter(({ spec }) => DESCRIBED.has(spec.method)).map(({ spec }) => ({ spec, mountedAt })),
  );
  for (const { spec } of described)
    for (const body of kindsOf(spec.body)) if (body.kind !== 'raw') components.noteSent(body.schema);
  const failures = new Map<ErrorKind, Json>();
  for (const { spec, mountedAt } of described) {
    const path = mountedAt === undefined ? spec.path : `${mountedAt}${spec.path === '/' ? '' : spec.path}`;
    const security = face.security[spec.access];
    (paths[path] ??= {})[spec.method] = {
      operationId: operationId(spec.method, path),
      summary: spec.summary,
      ...(spec.description === undefined ? {} : { description: spec.description }),
      tags: [spec.tag],
      ...(mountedAt === undefined ? {} : { servers: [{ url: '/' }] }),
      security: security ?? [],
      parameters: [...parametersOf(spec.params, 'path', tell), ...parametersOf(spec.query, 'query', tell)],
      ...bodyOf(spec, referenceTo),
      responses: { ...answersOf(spec, face, referenceTo), ...refusalsOf(spec) },
    };
  }
  const operations = Object.fromEntries(Object.entries(paths).sort(byName));
  const responses = Object.fromEntries(
    [...failures].map(([kind, answer]): [string, Json] => [nameOf(kind), answer]).sort(byName),
  );
  return {
    openapi: '3.0.3',
    info: {
      title: face.title,
      description: face.description,
      version: face.version,
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    servers: [{ url: face.basePath }],
    paths: operations,
    components: {
      securitySchemes: face.securitySchemes,
      schemas: components.namedIn([operations, responses]),
      responses,
    },
  };

  /** The refusals of an operation: what its parts can break, what it says of itself, what every operation can answer. */
  function refusalsOf(spec: Spec): Json {
    const kinds = new Set<ErrorKind>([...(spec.errors ?? []), ...face.always]);
    const hasBody = spec.body !== undefined;
    if (hasBody || spec.params !== undefined || spec.query !== undefined) kinds.add('invalid');
    if (hasBody) kinds.add('too_large').add('unsupported');
    if (face.security[spec.access] !== undefined) kinds.add('unauthenticated');
    const answers: Json = {};
    for (const kind of [...kinds].sort()) {
      const code = face.statusOf[kind];
      if (answers[code] !== undefined) continue;
      failures.set(kind, {
        description: MEANING[kind],
        content: { 'application/json': { schema: referenceTo(face.errorSchema, 'the error') } },
      });
      answers[code] = { $ref: `#/components/responses/${nameOf(kind)}` };
    }
    return answers;
  }
}

/** What each kind of error means, for whoever reads the document. */
const MEANING: Record<ErrorKind, string> = {
  invalid: 'The path, the query or the body breaks a rule.',
  unprocessable: 'The body is of the right form and asks for something there is not.',
  unauthenticated: 'Nobody is signed in, or the proof of it is no longer good.',
  forbidden: 'Whoever is signed in may not do this.',
  not_found: 'There is no such thing, or it is not yours.',
  wrong_method: 'The address does not take this method.',
  conflict: 'It is so already, or two want it differently.',
  stale: 'It was changed since it was read.',
  too_large: 'More was sent than is taken.',
  unsupported: 'What was sent is of a type that is not read here.',
  rate_limited: 'Too many requests; Retry-After says how many seconds to wait.',
  unavailable: 'The server cannot do it now: a disk, or another server it needs, does not answer.',
};

/** Methods OpenAPI 3.0 has a word for. */
const DESCRIBED = new Set<string>(['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']);

type Spec = Endpoint<never>['spec'];
type ReferenceTo = (schema: z.ZodType, where: string) => Json;

function answersOf(spec: Spec, face: FaceDescription, referenceTo: ReferenceTo): Json {
  const where = `${spec.method} ${spec.path}`;
  const contentOfAnswer = (answer: Answers[number]): Json =>
    'media' in answer
      ? contentOf([answer.media], where, referenceTo)
      : { 'application/json': { schema: face.wrap(referenceTo(answer, where)) } };
  const answers: Json = {};
  for (const [status, answer] of Object.entries(spec.answers ?? {})) {
    const description = spec.otherwise?.[Number(status)] ?? spec.summary;
    answers[status] = { description, content: contentOfAnswer(answer) };
  }
  if (spec.sends !== undefined && spec.sends.length > 0)
    answers[200] = { description: spec.summary, content: contentOf(spec.sends, where, referenceTo) };
  else if (spec.answers === undefined && spec.sends === undefined)
    answers[204] = { description: spec.summary };
  if (spec.inParts === true) {
    const { content } = answers[200] as Json;
    answers[206] = { description: 'The part named in Range.', content };
    answers[304] = { description: 'Nothing changed since the ETag or the day given.' };
    answers[412] = { description: 'It is not the one named in If-Match or If-Unmodified-Since.' };
    answers[416] = { description: 'It has no such part.' };
  }
  if (spec.cached === true)
    answers[304] = { description: 'Nothing changed since the ETag given in If-None-Match.' };
  if (spec.redirects !== undefined) answers[302] = { description: spec.redirects };
  return answers;
}

function bodyOf({ method, path, body }: Spec, referenceTo: ReferenceTo): Json {
  const where = `${method} ${path}`;
  const kinds = kindsOf(body);
  if (kinds.length === 0) return {};
  const content: Json = {};
  for (const each of kinds.toSorted(formsFirst)) {
    if (each.kind === 'raw') Object.assign(content, contentOf(each.media, where, referenceTo));
    else
      content[each.kind === 'form' ? 'multipart/form-data' : 'application/json'] = {
        schema: referenceTo(each.schema, where),
      };
  }
  // Either of two must be there.
  const required = kinds.length > 1 || !kinds.every((each) => each.kind === 'json' && each.isOptional);
  return { requestBody: { required, content } };
}

const formsFirst = (a: { kind: string }, b: { kind: string }): number =>
  Number(b.kind === 'form') - Number(a.kind === 'form');

/** JSON has a schema, a text is one, and everything else is bytes. */
const contentOf = (media: readonly MediaOf[], where: string, referenceTo: ReferenceTo): Json =>
  Object.fromEntries(
    media.map((each) => {
      if (typeof each === 'object') return [each.type, { schema: referenceTo(each.schema, where) }];
      const isText = each.startsWith('text/') || /[/+]xml$/.test(each);
      return [each, { schema: { type: 'string', ...(isText ? {} : { format: 'binary' }) } }];
    }),
  );

const byName = ([a]: [string, ...unknown[]], [b]: [string, ...unknown[]]): number => (a < b ? -1 : 1);

/** not_found as NotFound. */
const nameOf = (kind: ErrorKind): string =>
  kind.replace(/(?:^|_)(.)/g, (_, letter: string) => letter.toUpperCase());

function operationId(method: string, path: string): string {
  const words = path
    .split('/')
    .filter((word) => word !== '')
    .map((word) => (word.startsWith('{') ? `by-${word.slice(1, -1)}` : word));
  return [method, ...words]
    .join('-')
    .replace(/[^A-Za-z0-9]+(.)?/g, (_, next: string | undefined) => next?.toUpperCase() ?? '');
}
