// An endpoint: data that says all of it - path, who may call it, what it takes and answers - and a handler typed by it.
import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { ErrorKind } from '../base/errors.ts';
import type { Given, MediaOf, Taken } from './bodies.ts';
import type { LongAnswerOf } from './long-answer.ts';
import type { LimitClass } from './rate-limit.ts';

/** Methods a path can be asked with, in lower case as OpenAPI writes them (RFC 9110 §9, RFC 4918 §9, RFC 3253 §3.6). */
export const METHODS = [
  'get', 'post', 'put', 'patch', 'delete', 'propfind', 'proppatch', 'mkcol', 'copy', 'move', 'lock', 'unlock', 'report',
] as const; // prettier-ignore
export type Method = (typeof METHODS)[number];

type Shape = z.ZodType | undefined;
type Parsed<Schema extends Shape> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** An answer that is no JSON: the handler gives its text or its bytes. */
export type MediaAnswer = { media: string };
/** What is answered with each status, the usual one first: a schema is JSON. */
export type Answers = Readonly<Record<number, z.ZodType | MediaAnswer>>;

export type EndpointSpec<
  Access extends string,
  Params extends Shape,
  Query extends Shape,
  Body extends Taken | undefined,
  Told extends Answers | undefined,
> = {
  method: Method;
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
  /** What it takes: json(…), form(…) or raw(…). */
  body?: Body;
  /** What it answers; without it the endpoint answers nothing (204), or sends by itself (see `sends`). */
  answers?: Told;
  /** What an answer other than the usual one means, by its status. */
  otherwise?: Record<number, string>;
  /** What the handler sends by itself through `res`. */
  sends?: MediaOf[];
  /** It is sent in parts too, and only when it changed (RFC 9110 §13, §14). */
  inParts?: boolean;
  /** The path parameter that takes slashes too, where one does. */
  wildcard?: string;
  /** What it means when the answer is to be found elsewhere (302). */
  redirects?: string;
  /** Described, but switched off: there is nothing, whatever it is asked. */
  isOff?: () => boolean;
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

/** An answer with another status than the usual one; made by `other`. */
export class Other<Status extends number = number, Body = unknown> {
  readonly status: Status;
  readonly body: Body;

  constructor(status: Status, body: Body) {
    this.status = status;
    this.body = body;
  }
}

/** Returned by a handler to answer with one of its other statuses. */
export const other = <const Status extends number, Body>(status: Status, body: Body): Other<Status, Body> =>
  new Other(status, body);

export type HandlerInput<
  Caller,
  Params extends Shape,
  Query extends Shape,
  Body extends Taken | undefined,
> = {
  params: Parsed<Params>;
  query: Parsed<Query>;
  body: Given<Body>;
  caller: Caller;
  req: Request;
  res: Response;
};

type BodyOf<Answer> = Answer extends z.ZodType
  ? z.input<Answer>
  : Answer extends MediaAnswer
    ? string | Uint8Array
    : never;
/** What a handler may return: of the usual answer (the lowest status) its body, of the others `other(status, body)`. */
type Returned<Told extends Answers> = {
  [Status in keyof Told & number]:
    | (Status extends 200 | 201 | 202 | 207
        ?
            | BodyOf<Told[Status]>
            | (Told[Status] extends z.ZodType ? LongAnswerOf<z.input<Told[Status]>> : never)
        : never)
    | Other<Status, BodyOf<Told[Status]>>;
}[keyof Told & number];

/** An endpoint with its types forgotten, as lists of them are kept. */
export type Endpoint<Caller, Access extends string = string> = {
  spec: EndpointSpec<Access, Shape, Shape, Taken | undefined, Answers | undefined>;
  handle: (input: HandlerInput<Caller, Shape, Shape, Taken | undefined>) => unknown;
};

/** Returns the endpoint() of a face: the spec's schemas type the handler's input and its answer. */
export function endpointsOf<Caller, Access extends string>() {
  return <
    Params extends Shape = undefined,
    Query extends Shape = undefined,
    Body extends Taken | undefined = undefined,
    Told extends Answers | undefined = undefined,
  >(
    spec: EndpointSpec<Access, Params, Query, Body, Told>,
    handle: (
      input: HandlerInput<Caller, Params, Query, Body>,
    ) => Told extends Answers ? Returned<Told> | Promise<Returned<Told>> : void | Promise<void>,
  ): Endpoint<Caller, Access> => ({
    spec,
    handle: (input) => handle(input),
  });
}
