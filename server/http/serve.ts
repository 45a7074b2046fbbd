// The way of every request of every face: who asks, its limit, its body, what it says, the handler, the answer.
import type { NextFunction, Request, RequestHandler, Response, Router } from 'express';
import type { z } from 'zod';
import { notFound } from '../base/errors.ts';
import { keyOf } from './answer-cache.ts';
import type { AnswerCache } from './answer-cache.ts';
import { kindsOf, readJson, refuseOtherTypes } from './bodies.ts';
import type { Taken } from './bodies.ts';
import type { Answers, Endpoint, EndpointSpec } from './endpoint.ts';
import { Other } from './endpoint.ts';
import { LongAnswer } from './long-answer.ts';
import { refuseOtherMethods } from './methods.ts';
import { sendKept, sendLong } from './send-answer.ts';

type Shape = z.ZodType | undefined;
type Spec = EndpointSpec<string, Shape, Shape, Taken | undefined, Answers | undefined>;

/** What a face adds to the way: how it tells who asks, and how its answers and refusals look. */
export type View<Caller, Access extends string> = {
  /** Finds out who is calling. Throws unauthenticated or forbidden. */
  authenticate(req: Request, access: Access): Caller | Promise<Caller>;
  /** Counts the request towards its limit and returns what gives it back. Throws rate_limited. */
  count?(
    spec: Pick<Spec, 'method' | 'path' | 'limit'>,
    caller: Caller,
    req: Request,
    res: Response,
  ): () => void;
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
export function addEndpoints<Caller, Access extends string>(
  router: Router,
  endpoints: readonly Endpoint<Caller, Access>[],
  view: View<Caller, Access>,
): void {
  const byPath = Map.groupBy(endpoints, ({ spec }) => routeOf(spec));
  const literalFirst = [...byPath].toSorted(
    ([a], [b]) => parametersIn(a) - parametersIn(b) || partsOf(b) - partsOf(a),
  );
  // Express has a verb for every method Node reads; its types name the usual ones.
  const verbs = router as unknown as Record<string, (path: string, handler: RequestHandler) => void>;
  for (const [path, those] of literalFirst) {
    for (const endpoint of those) {
      verbs[endpoint.spec.method]!(path, async (req: Request, res: Response, next: NextFunction) => {
        try {
          await answer(endpoint, view, req, res);
        } catch (error) {
          next(error);
        }
      });
    }
    router.all(
      path,
      refuseOtherMethods(() =>
        those.filter(({ spec }) => spec.isOff?.() !== true).map(({ spec }) => spec.method),
      ),
    );
  }
}

/** The path as express writes it. */
const routeOf = ({ path, wildcard }: { path: string; wildcard?: string }): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => (name === wildcard ? `*${name}` : `:${name}`));
const parametersIn = (route: string) => route.match(/[:*]/g)?.length ?? 0;
const partsOf = (route: string) => route.split('/').length;

async function answer<Caller, Access extends string>(
  { spec, handle }: Endpoint<Caller, Access>,
  view: View<Caller, Access>,
  req: Request,
  res: Response,
): Promise<void> {
  const caller = await view.authenticate(req, spec.access);
  const giveBack = view.count?.(spec, caller, req, res);
  if (spec.isOff?.() === true) throw notFound('page');
  const said = await parsed(spec, view, req, res);
  const run = async () => {
    const given = await handle({ ...said, caller, req, res });
    if (spec.limitsFailures === true) giveBack?.();
    return given;
  };
  if (spec.answers === undefined) {
    await run();
    if (spec.sends === undefined) res.status(204).end();
    return;
  }
  const [usual] = Object.keys(spec.answers).map(Number);
  const told = (given: unknown) => answered(given, usual!, spec.answers!, view);
  if (spec.cached === true) {
    const key = keyOf([
      view.cacheScope(caller, req),
      spec.path,
      spec.cachedFor?.(req),
      said.params,
      said.query,
    ]);
    await sendKept(req, res, await view.cache.get(key, async () => whole(told(await run()))));
    return;
  }
  const { status, type, content } = told(await run());
  res.status(status).type(type);
  if (content instanceof LongAnswer) {
    const schema = spec.answers[status];
    await sendLong(
      req,
      res,
      content,
      view.checkAnswers && schema !== undefined && 'parse' in schema ? schema : undefined,
    );
  } else res.end(content);
}

/** What the request says, each part by its schema: the address, then the body. */
async function parsed<Caller, Access extends string>(
  spec: Spec,
  view: View<Caller, Access>,
  req: Request,
  res: Response,
) {
  const parse = (where: 'params' | 'query' | 'body', schema: Shape, value: unknown) => {
    if (schema === undefined) return undefined;
    const result = schema.safeParse(value);
    if (!result.success) throw view.refuse(result.error, where);
    return result.data;
  };
  const params = parse('params', spec.params, paramsOf(req, spec.wildcard));
  const query = parse('query', spec.query, req.query);
  const taken = kindsOf(spec.body).find((each) => each.kind === 'json');
  if (taken === undefined) return { params, query, body: undefined };
  if (view.refusesOtherTypes === true) refuseOtherTypes(req);
  const body = await readJson(req, res, taken.bounds);
  const isAbsent = body === undefined && taken.isOptional;
  return { params, query, body: isAbsent ? undefined : (parse('body', taken.schema, body) as undefined) };
}

/** What a handler returned, as what is sent: a long answer is made while it is. */
function answered(
  given: unknown,
  usual: number,
  answers: Answers,
  view: Pick<View<never, string>, 'checkAnswers' | 'envelope'>,
) {
  const [status, body] = given instanceof Other ? [given.status, given.body] : [usual, given];
  const form = answers[status];
  if (form === undefined) throw new Error(`${status} is none of the endpoint's answers`);
  if ('media' in form) return { status, type: form.media, content: body as string | Uint8Array };
  const type = 'application/json';
  if (body instanceof LongAnswer) return { status, type, content: body };
  const checked = view.checkAnswers ? form.parse(body) : body;
  return { status, type, content: JSON.stringify(view.envelope(checked)) };
}

/** What is kept is made at once: a long answer is none that is asked for again and again. */
function whole({
  status,
  type,
  content,
}: {
  status: number;
  type: string;
  content: string | Uint8Array | object;
}) {
  if (content instanceof LongAnswer) throw new Error('a long answer cannot be kept');
  return { status, type, content: content as string | Uint8Array };
}

/** The router gives a wildcard as the decoded parts between slashes. */
function paramsOf(req: Request, wildcard: string | undefined): unknown {
  const params: Record<string, unknown> = req.params;
  const parts = wildcard === undefined ? undefined : params[wildcard];
  return Array.isArray(parts) ? { ...params, [wildcard!]: parts.join('/') } : params;
}
