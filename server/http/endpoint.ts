// An endpoint is data and a handler. mount() parses what comes in, asks the face who is calling, and sends the answer.
import type { NextFunction, Request, Response, Router } from 'express';
import type { z } from 'zod';
import { notFound } from '../base/errors.ts';
import type { ErrorKind } from '../base/errors.ts';
import { keyOf } from './answer-cache.ts';
import type { Answer, AnswerCache } from './answer-cache.ts';
import { codingFor } from './compress.ts';
import { bytesOfLong, LongAnswer } from './long-answer.ts';
import type { LongAnswerOf } from './long-answer.ts';
import { refuseOtherMethods } from './methods.ts';
import type { LimitClass } from './rate-limit.ts';
import { readJson, refuseOtherTypes } from './read-json.ts';
import type { BodySize } from './read-json.ts';

type Shape = z.ZodType | undefined;
type Parsed<Schema extends Shape> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** A media type; of JSON also what is in it. */
export type MediaOf = string | { type: string; schema: z.ZodType };

export type EndpointSpec<
  Access extends string,
  Params extends Shape,
  Query extends Shape,
  Body extends Shape,
  Answer extends Shape,
> = {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** With {names} in braces, as OpenAPI writes them. */
  path: string;
  /** One sentence, present tense: the endpoint's docstring. */
  summary: string;
  description?: string;
  tag: string;
  /** Who may call it. There is no default: every endpoint says so. */
  access: Access;
  params?: Params;
  query?: Query;
  body?: Body;
  /** How much its body may be; usual where nothing is said. */
  bodySize?: BodySize;
  /** The multipart/form-data body, for the API page: the handler takes it by withUpload. */
  form?: z.ZodType;
  /** True when a request without a body is fine. */
  bodyOptional?: boolean;
  /** What a body is that the handler reads by itself from `req`. */
  takes?: MediaOf[];
  /** The JSON answer; without it the endpoint answers nothing, or sends by itself (see `sends`). */
  response?: Answer;
  status?: number;
  /** Another answer than the usual one, for which the handler throws an OtherAnswer. */
  otherwise?: { status: number; summary: string; response: z.ZodType };
  /** What the handler sends by itself through `res`. */
  sends?: MediaOf[];
  /** It is sent in parts too, and only when it changed (RFC 9110 §13, §14). */
  inParts?: boolean;
  /** The path parameter that takes slashes too, where one does. */
  wildcard?: string;
  /** What it means when the answer is to be found elsewhere (302). */
  redirects?: string;
  /** Described, but switched off: there is nothing, whatever it is asked. */
  isOff?: boolean;
  /** Kinds of error it can answer besides invalid input and missing sign-in. */
  errors?: ErrorKind[];
  /** Which limit its requests count towards; general where nothing is said. */
  limit?: LimitClass;
  /** Only requests that fail count towards the limit. */
  limitsFailures?: boolean;
  /** The answer depends on the catalogue and the request alone: keep it until the catalogue changes, with an ETag. */
  cached?: boolean;
  /** What else a kept answer depends on, such as the day it is. */
  cachedFor?: (req: Request) => string;
};

/** Thrown by a handler whose answer is the endpoint's other one. */
export class OtherAnswer extends Error {
  readonly body: unknown;

  constructor(body: unknown) {
    super('another answer');
    this.body = body;
  }
}

export type HandlerInput<Caller, Params extends Shape, Query extends Shape, Body extends Shape> = {
  params: Parsed<Params>;
  query: Parsed<Query>;
  body: Parsed<Body>;
  caller: Caller;
  req: Request;
  res: Response;
};

/** An endpoint with its types forgotten, as lists of them are kept. */
export type Endpoint<Caller, Access extends string = string> = {
  spec: EndpointSpec<Access, Shape, Shape, Shape, Shape>;
  handle: (input: HandlerInput<Caller, Shape, Shape, Shape>) => unknown;
};

/** Returns the endpoint() of a face: the spec's schemas type the handler's input and check its answer. */
export function endpointsOf<Caller, Access extends string>() {
  return <
    Params extends Shape = undefined,
    Query extends Shape = undefined,
    Body extends Shape = undefined,
    Answer extends Shape = undefined,
  >(
    spec: EndpointSpec<Access, Params, Query, Body, Answer>,
    handle: (
      input: HandlerInput<Caller, Params, Query, Body>,
    ) => Answer extends z.ZodType
      ? z.input<Answer> | Promise<z.input<Answer>> | LongAnswerOf<z.input<Answer>>
      : void | Promise<void>,
  ): Endpoint<Caller, Access> => ({
    spec,
    handle: (input) => handle(input),
  });
}

/** What a face needs to know of an endpoint to count its requests. */
export type CountedSpec = Pick<EndpointSpec<string, Shape, Shape, Shape, Shape>, 'method' | 'path' | 'limit'>;

/** What a face adds to the machinery. */
export type Face<Caller, Access extends string> = {
  /** Finds out who is calling. Throws unauthenticated or forbidden. */
  authenticate(req: Request, access: Access): Caller | Promise<Caller>;
  /** Counts the request towards its limit and returns what gives it back. Throws rate_limited. */
  count?(spec: CountedSpec, caller: Caller, req: Request, res: Response): () => void;
  /** Wraps a JSON answer the way the contract wants it. */
  envelope(answer: unknown): unknown;
  /** A body that is no JSON is refused for its media type, not for what it lacks. */
  refusesOtherTypes?: boolean;
  /** Turns a schema's refusal into the face's own error. */
  refuse(error: z.ZodError, where: 'params' | 'query' | 'body'): Error;
  /** What identifies a caller's view in the cache: who asks, and where the links of the answer lead. */
  cacheScope(caller: Caller, req: Request): string;
  cache: AnswerCache;
  /** Check answers against their schema before they leave: in tests and development. */
  checkAnswers: boolean;
};

/**
 * Adds the endpoints to a router. Literal paths go before those with parameters, whatever the order of the list; a path
 * that is known takes no other methods than its own.
 */
export function mount<Caller, Access extends string>(
  router: Router,
  endpoints: Endpoint<Caller, Access>[],
  face: Face<Caller, Access>,
): void {
  const byPath = Map.groupBy(endpoints, ({ spec }) => routeOf(spec));
  const literalFirst = [...byPath].toSorted(
    ([a], [b]) => parametersIn(a) - parametersIn(b) || partsOf(b) - partsOf(a),
  );
  for (const [path, those] of literalFirst) {
    for (const endpoint of those) {
      router[endpoint.spec.method](path, async (req: Request, res: Response, next: NextFunction) => {
        try {
          await answer(endpoint, face, req, res);
        } catch (error) {
          next(error);
        }
      });
    }
    const taken = those.filter(({ spec }) => spec.isOff !== true).map(({ spec }) => spec.method);
    if (taken.length > 0) router.all(path, refuseOtherMethods(taken));
  }
}

/** The path as express writes it. */
const routeOf = ({ path, wildcard }: { path: string; wildcard?: string }): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => (name === wildcard ? `*${name}` : `:${name}`));
const parametersIn = (route: string) => route.match(/[:*]/g)?.length ?? 0;
const partsOf = (route: string) => route.split('/').length;

async function answer<Caller, Access extends string>(
  { spec, handle }: Endpoint<Caller, Access>,
  face: Face<Caller, Access>,
  req: Request,
  res: Response,
): Promise<void> {
  const caller = await face.authenticate(req, spec.access);
  const giveBack = face.count?.(spec, caller, req, res);
  if (spec.isOff === true) throw notFound('page');
  const parse = (where: 'params' | 'query' | 'body', schema: Shape, value: unknown) => {
    if (schema === undefined) return undefined;
    const result = schema.safeParse(value);
    if (!result.success) throw face.refuse(result.error, where);
    return result.data;
  };
  const params = parse('params', spec.params, paramsOf(req, spec.wildcard));
  const query = parse('query', spec.query, req.query);
  if (spec.body !== undefined && face.refusesOtherTypes === true) refuseOtherTypes(req);
  const body = spec.body === undefined ? undefined : await readJson(req, res, spec.bodySize ?? 'usual');
  const input = {
    params,
    query,
    body: spec.bodyOptional === true && body === undefined ? undefined : parse('body', spec.body, body),
    caller,
    req,
    res,
  };
  const run = async () => {
    const given = await handle(input);
    if (spec.limitsFailures === true) giveBack?.();
    return given;
  };
  const make = async () => {
    const given = await run();
    if (given instanceof LongAnswer) return given;
    const checked = face.checkAnswers ? spec.response?.parse(given) : given;
    return face.envelope(checked);
  };
  if (spec.cached === true) {
    const key = keyOf([
      face.cacheScope(caller, req),
      spec.path,
      spec.cachedFor?.(req),
      input.params,
      input.query,
    ]);
    await sendKept(req, res, await face.cache.get(key, make));
    return;
  }
  if (spec.sends !== undefined) {
    await run();
    return;
  }
  if (spec.response === undefined) {
    await run();
    res.status(spec.status ?? 204).end();
    return;
  }
  const { otherwise } = spec;
  res.status(spec.status ?? 200);
  const answered = await make().catch((error: unknown) => {
    if (!(error instanceof OtherAnswer) || otherwise === undefined) throw error;
    res.status(otherwise.status);
    return face.envelope(face.checkAnswers ? otherwise.response.parse(error.body) : error.body);
  });
  res.type('application/json');
  if (answered instanceof LongAnswer)
    await sendLong(req, res, answered, face.checkAnswers ? spec.response : undefined);
  else res.end(JSON.stringify(answered));
}

async function sendLong(
  req: Request,
  res: Response,
  answer: LongAnswer<string, unknown, object>,
  schema: Shape,
): Promise<void> {
  const parts = await bytesOfLong(res, answer);
  if (parts === undefined) return;
  schema?.parse(JSON.parse(Buffer.concat(parts).toString()));
  res.setHeader(
    'Content-Length',
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  if (req.method !== 'HEAD') for (const part of parts) res.write(part);
  res.end();
}

/** The router gives a wildcard as the decoded parts between slashes. */
function paramsOf(req: Request, wildcard: string | undefined): unknown {
  const params: Record<string, unknown> = req.params;
  const parts = wildcard === undefined ? undefined : params[wildcard];
  return Array.isArray(parts) ? { ...params, [wildcard!]: parts.join('/') } : params;
}

async function sendKept(req: Request, res: Response, answer: Answer): Promise<void> {
  const { bytes, etag } = answer;
  const coding = codingFor(req, bytes.length);
  res.vary('Accept-Encoding');
  res.setHeader('ETag', coding === undefined ? etag : `W/${etag}`);
  res.setHeader('Cache-Control', 'private, no-cache');
  if (
    req.headers['if-none-match']?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag) === true
  ) {
    res.status(304).end();
    return;
  }
  const sent = coding === undefined ? bytes : await answer.packed(coding);
  res.setHeader('Content-Type', 'application/json; charset=utf-8');
  if (coding !== undefined) res.setHeader('Content-Encoding', coding);
  res.setHeader('Content-Length', sent.length);
  res.end(req.method === 'HEAD' ? undefined : sent);
}
