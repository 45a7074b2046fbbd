// Talks to Google (OpenID Connect): sends a browser there, takes the answer, reads identity tokens.
import { createRemoteJWKSet, errors as joseErrors, jwtVerify } from 'jose';
import type { Configuration } from 'openid-client';
import { z } from 'zod';
import type { AppError } from '../base/errors.ts';
import { invalid, unauthenticated, unavailable } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { GoogleProfile } from './identities.ts';

const ANSWER_WITHIN_SEC = 10;
const SCOPES = 'openid email profile';

/** Google writes these claims as it likes (OpenID Connect Core §5.1): some are absent, one may be a word. */
const Claims = z.object({
  sub: z.string().min(1).max(255),
  email: z.email().max(320).optional().catch(undefined),
  email_verified: z
    .union([z.boolean(), z.literal('true').transform(() => true)])
    .optional()
    .catch(false),
  name: z.string().optional().catch(undefined),
  picture: z.string().optional().catch(undefined),
});

export type GoogleClient = {
  issuer: string;
  clientId: string;
  clientSecret: string | undefined;
  /** Where Google sends browsers back to. */
  callbackUrl: () => string;
  clock: Clock;
};
/** What must be remembered between sending a browser away and its return. */
export type Journey = { state: string; nonce: string; codeVerifier: string };

export type Google = ReturnType<typeof createGoogle>;

/** Returns the way to Google; nothing is loaded or asked before somebody takes it. */
export function createGoogle({ issuer, clientId, clientSecret, callbackUrl, clock }: GoogleClient) {
  let discovered: Promise<{ config: Configuration; keys: ReturnType<typeof createRemoteJWKSet> }> | undefined;

  const discover = async () => {
    const client = await import('openid-client');
    const config = await client.discovery(
      new URL(issuer),
      clientId,
      clientSecret,
      clientSecret === undefined ? client.None() : client.ClientSecretPost(clientSecret),
      {
        timeout: ANSWER_WITHIN_SEC,
        // Google signs with RS256; the token's signature is checked although TLS vouches for it.
        execute: [
          client.enableNonRepudiationChecks,
          ...(issuer.startsWith('http://') ? [client.allowInsecureRequests] : []),
        ],
      },
    );
    const keysUrl = config.serverMetadata().jwks_uri;
    if (keysUrl === undefined) throw new Error('the issuer names no keys');
    const keys = createRemoteJWKSet(new URL(keysUrl), { timeoutDuration: ANSWER_WITHIN_SEC * 1000 });
    return { config, keys };
  };
  const provider = async () => {
    discovered ??= discover();
    try {
      return await discovered;
    } catch (error) {
      discovered = undefined;
      throw silent(error);
    }
  };

  return {
    /** Returns the address to send a browser to, and what to remember until it comes back. */
    async depart(): Promise<Journey & { url: string }> {
      const { config } = await provider();
      const client = await import('openid-client');
      const state = client.randomState();
      const nonce = client.randomNonce();
      const codeVerifier = client.randomPKCECodeVerifier();
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: callbackUrl(),
        scope: SCOPES,
        state,
        nonce,
        code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
      });
      return { url: url.href, state, nonce, codeVerifier };
    },

    /** Returns who came back, from the query of the callback. Throws unauthenticated, unavailable. */
    async arrive(query: URLSearchParams, { state, nonce, codeVerifier }: Journey): Promise<GoogleProfile> {
      const { config } = await provider();
      const client = await import('openid-client');
      try {
        const answer = await client.authorizationCodeGrant(
          config,
          new URL(`${callbackUrl()}?${query.toString()}`),
          {
            expectedState: state,
            expectedNonce: nonce,
            pkceCodeVerifier: codeVerifier,
            idTokenExpected: true,
          },
        );
        return profileOf(answer.claims());
      } catch (error) {
        throw unauthenticated('Google did not confirm who you are.', { cause: error });
      }
    },

    /** Returns whose identity token this is. Throws unauthenticated for one that is not Google's for this server, unavailable. */
    async read(idToken: string): Promise<GoogleProfile> {
      const { config, keys } = await provider();
      const { issuer: name } = config.serverMetadata();
      try {
        const { payload } = await jwtVerify(idToken, keys, {
          algorithms: ['RS256'],
          audience: clientId,
          // Google's tokens name their issuer with and without the scheme.
          issuer: [name, name.replace(/^https:\/\//, '')],
          requiredClaims: ['sub', 'exp', 'iat'],
          currentDate: clock.now(),
        });
        return profileOf(payload);
      } catch (error) {
        const isTheirs = error instanceof joseErrors.JOSEError && !(error instanceof joseErrors.JWKSTimeout);
        if (!isTheirs && !(error instanceof z.ZodError)) throw silent(error);
        throw unauthenticated('Google did not confirm who you are.', { cause: error });
      }
    },
  };
}

/** An error for servers that have no name at Google. */
export const noGoogle = (): AppError => invalid('Signing in with Google is not set up on this server.');

function profileOf(claims: unknown): GoogleProfile {
  const { sub, email, email_verified: emailVerified = false, name, picture } = Claims.parse(claims);
  return { subject: sub, email, emailVerified, name, picture };
}

const silent = (cause: unknown) => unavailable('Google did not answer. Try again later.', { cause });
