// Makes a face's OpenAPI document from the same endpoints and schemas that answer requests.
import { z } from 'zod';
import type { ErrorKind } from '../base/errors.ts';
import type { Endpoint } from './endpoint.ts';

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
  /** The security requirement of an access word; undefined for public endpoints. */
  security: Record<string, Record<string, string[]> | undefined>;
  securitySchemes: Record<string, unknown>;
  /** The schema of a JSON answer around its payload, where the face wraps answers. */
  wrap: (payload: unknown) => unknown;
};

type Json = Record<string, unknown>;

/** Returns the document (OpenAPI 3.0.3). Throws when a body or an answer has no component name. */
export function openApiDocument<Caller>(endpoints: Endpoint<Caller>[], face: FaceDescription): Json {
  const { components } = face;
  const schemasFor = (io: 'input' | 'output') =>
    (
      z.toJSONSchema(components, {
        target: 'openapi-3.0',
        uri: (id) => `#/components/schemas/${id}`,
        io,
        unrepresentable: 'any',
      }) as { schemas: Record<string, Json> }
    ).schemas;
  // A body is described as it is sent, an answer as it arrives.
  const schemas = schemasFor('output');
  const sent = schemasFor('input');
  for (const { spec } of endpoints) {
    for (const body of [spec.body, spec.form]) {
      const id = body === undefined ? undefined : components.get(body)?.id;
      if (id !== undefined) schemas[id] = sent[id]!;
    }
  }
  for (const schema of Object.values(schemas)) delete schema.$id;

  const reference = (schema: z.ZodType, where: string) => {
    const id = components.get(schema)?.id;
    if (id === undefined) throw new Error(`${where} has no component name`);
    return { $ref: `#/components/schemas/${id}` };
  };
  const errorAnswer = (description: string) => ({
    description,
    content: { 'application/json': { schema: reference(face.errorSchema, 'the error') } },
  });

  const paths: Record<string, Json> = {};
  for (const { spec } of endpoints) {
    const where = `${spec.method} ${spec.path}`;
    const success: Json = { description: spec.summary };
    if (spec.response !== undefined) {
      success.content = { 'application/json': { schema: face.wrap(reference(spec.response, where)) } };
    } else if (spec.sends !== undefined) {
      success.content = Object.fromEntries(
        spec.sends.map((type) => [
          type,
          { schema: { type: 'string', ...(type.startsWith('text/') ? {} : { format: 'binary' }) } },
        ]),
      );
    }
    const status = spec.status ?? (spec.response === undefined && spec.sends === undefined ? 204 : 200);
    const responses: Json = { [status]: success };
    if (spec.cached === true)
      responses[304] = { description: 'Nothing changed since the ETag given in If-None-Match.' };
    if (spec.redirects !== undefined) responses[302] = { description: spec.redirects };
    if (spec.otherwise !== undefined) {
      responses[spec.otherwise.status] = {
        description: spec.otherwise.summary,
        content: { 'application/json': { schema: face.wrap(reference(spec.otherwise.response, where)) } },
      };
    }
    const security = face.security[spec.access];
    const kinds = new Set<ErrorKind>(spec.errors ?? []);
    if (spec.query !== undefined || spec.body !== undefined || spec.form !== undefined) kinds.add('invalid');
    if (security !== undefined) kinds.add('unauthenticated');
    for (const kind of [...kinds].sort()) {
      const code = face.statusOf[kind];
      responses[code] ??= errorAnswer(kind.replaceAll('_', ' '));
    }
    (paths[spec.path] ??= {})[spec.method] = {
      operationId: operationId(spec.method, spec.path),
      summary: spec.summary,
      ...(spec.description === undefined ? {} : { description: spec.description }),
      tags: [spec.tag],
      security: security === undefined ? [] : [security],
      parameters: [...parametersOf(spec.params, 'path'), ...parametersOf(spec.query, 'query')],
      ...(spec.takes === undefined
        ? {}
        : {
            requestBody: {
              required: true,
              content: Object.fromEntries(
                spec.takes.map((type) => [type, { schema: { type: 'string', format: 'binary' } }]),
              ),
            },
          }),
      ...(spec.body === undefined && spec.form === undefined
        ? {}
        : {
            requestBody: {
              required: spec.bodyOptional !== true || spec.form !== undefined,
              content: {
                ...(spec.form === undefined
                  ? {}
                  : { 'multipart/form-data': { schema: reference(spec.form, where) } }),
                ...(spec.body === undefined
                  ? {}
                  : { 'application/json': { schema: reference(spec.body, where) } }),
              },
            },
          }),
      responses,
    };
  }
  return {
    openapi: '3.0.3',
    info: { title: face.title, description: face.description, version: face.version },
    servers: [{ url: face.basePath }],
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    components: {
      securitySchemes: face.securitySchemes,
      schemas: Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1))),
    },
  };
}

/** Parameters are text on the way: they are described as what is read out of it, where that has a type of its own. */
function parametersOf(schema: z.ZodType | undefined, place: 'path' | 'query'): Json[] {
  if (schema === undefined) return [];
  const described = (io: 'input' | 'output') =>
    z.toJSONSchema(schema, { target: 'openapi-3.0', io, unrepresentable: 'any' }) as {
      properties?: Record<string, Json>;
      required?: string[];
    };
  const { properties = {}, required = [] } = described('input');
  const read = described('output').properties ?? {};
  return Object.entries(properties).map(([name, sent]) => {
    const meant = read[name] ?? {};
    const isText = sent.type === 'string' || sent.anyOf !== undefined;
    const isReadAs = 'type' in meant && meant.type !== 'string' && isText;
    const { description, ...property } = isReadAs ? meant : sent;
    return {
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema: property,
    };
  });
}

function operationId(method: string, path: string): string {
  const words = path
    .split('/')
    .filter((word) => word !== '')
    .map((word) => (word.startsWith('{') ? `by-${word.slice(1, -1)}` : word));
  return [method, ...words]
    .join('-')
    .replace(/[^A-Za-z0-9]+(.)?/g, (_, next: string | undefined) => next?.toUpperCase() ?? '');
}
