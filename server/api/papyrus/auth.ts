// Who calls the Papyrus API: a bearer token, its session looked up on every request.
import type { Request } from 'express';
import { unauthenticated } from '../../base/errors.ts';
import type { StreamTokens } from '../../accounts/stream-tokens.ts';
import type { Bearer, Tokens } from '../../accounts/tokens.ts';
import { endpointsOf } from '../../http/endpoint.ts';

/** `link`: a token, or a signature in the address that the handler checks. */
export type PapyrusAccess = 'public' | 'user' | 'link';
export type PapyrusCaller = Bearer | undefined;

/** The endpoint() of this face for callers who are signed in. */
export const userEndpoint = endpointsOf<Bearer, 'user'>();
/** The endpoint() of this face for callers with a token or a signed link; these are undefined. */
export const linkEndpoint = endpointsOf<PapyrusCaller, 'link'>();
/** The endpoint() of this face for anybody. */
export const publicEndpoint = endpointsOf<PapyrusCaller, 'public'>();

export type StreamAccess = 'stream';
/** Who listens, and until when. */
export type StreamCaller = Bearer & { expiresAt: Date };
/** The endpoint() of the stream at the root, for callers with a token to listen with. */
export const streamEndpoint = endpointsOf<StreamCaller, StreamAccess>();

/** Returns who listens. Clients of the stream say "Token", others "Bearer". Throws unauthenticated, forbidden. */
export async function authenticateListener(req: Request, streamTokens: StreamTokens): Promise<StreamCaller> {
  const [, token] = /^(?:Token|Bearer) +([^\s]+)$/i.exec(req.headers.authorization ?? '') ?? [];
  if (token === undefined) throw unauthenticated('Ask for a token to listen with first.');
  return await streamTokens.check(token);
}

/** Whether the address has the two words of a signed link, each once. */
const isLink = ({ query: { exp, sig } }: Request) => typeof exp === 'string' && typeof sig === 'string';

/** Returns who calls, undefined on public endpoints and for signed links. Throws unauthenticated, forbidden. */
export async function authenticate(
  req: Request,
  access: PapyrusAccess,
  tokens: Tokens,
): Promise<PapyrusCaller> {
  if (access === 'public' || (access === 'link' && isLink(req))) return undefined;
  const [, token] = /^Bearer +([^\s]+)$/i.exec(req.headers.authorization ?? '') ?? [];
  if (token === undefined) throw unauthenticated('Sign in first.');
  return await tokens.check(token);
}
