// Who calls the Papyrus API: a bearer token, its session looked up on every request.
import type { Request } from 'express';
import { unauthenticated } from '../../base/errors.ts';
import type { Bearer, Tokens } from '../../accounts/tokens.ts';
import { endpointsOf } from '../../http/endpoint.ts';

export type PapyrusAccess = 'public' | 'user';
export type PapyrusCaller = Bearer | undefined;

/** The endpoint() of this face for callers who are signed in. */
export const userEndpoint = endpointsOf<Bearer, 'user'>();
/** The endpoint() of this face for anybody. */
export const publicEndpoint = endpointsOf<PapyrusCaller, 'public'>();

/** Returns who calls, undefined on public endpoints. Throws unauthenticated, forbidden. */
export async function authenticate(
  req: Request,
  access: PapyrusAccess,
  tokens: Tokens,
): Promise<PapyrusCaller> {
  if (access === 'public') return undefined;
  const [, token] = /^Bearer +([^\s]+)$/i.exec(req.headers.authorization ?? '') ?? [];
  if (token === undefined) throw unauthenticated('Sign in first.');
  return await tokens.check(token);
}
