// Endpoints of the other ways in: by a letter's link and with Google.
import type { GoogleJourneys } from '../../../accounts/google-journeys.ts';
import type { Letters } from '../../../accounts/letters.ts';
import type { Tokens } from '../../../accounts/tokens.ts';
import { json } from '../../../http/bodies.ts';
import type { LinkBase } from '../../../http/links.ts';
import { deviceOf } from './endpoints.ts';
import { publicEndpoint, userEndpoint } from '../auth.ts';
import { browserOf, isAt, markBrowser } from './sign-in-cookie.ts';
import { presentTokens, presentUser } from './present.ts';
import { AuthTokens, MessageAnswer, User } from './schemas.ts';
import {
  AuthorizationUrl,
  EmailRequest,
  ExchangeCodeRequest,
  GoogleCallbackQuery,
  GoogleLinkCompleteRequest,
  GoogleLinkStartRequest,
  GoogleOAuthRequest,
  GoogleStartQuery,
  ResetPasswordRequest,
  VerifyEmailRequest,
} from './sign-in-schemas.ts';

const AUTH = { tag: 'Auth', access: 'public', limit: 'authentication' } as const;
const LINK = { tag: 'Auth', access: 'user' } as const;

export type SignInParts = {
  tokens: Tokens;
  letters: Letters;
  googleJourneys: GoogleJourneys;
  /** Where Google sends browsers back to: one address, which Google was told before. */
  publicUrl: () => string;
  letterBase: LinkBase;
};

/** Returns the endpoints. */
export function signInEndpoints({ tokens, letters, googleJourneys, publicUrl, letterBase }: SignInParts) {
  /** The same for every address. */
  const onItsWay = () => ({
    message: letters.canSend()
      ? 'If there is something to confirm for this address, a letter is on its way.'
      : 'This server sends no e-mail. If there is something to confirm for this address, its owner can give you the link.',
  });
  return [
    publicEndpoint(
      {
        ...AUTH,
        method: 'post',
        path: '/auth/verify-email',
        summary: 'Confirms an e-mail address with the code of a letter.',
        body: json(VerifyEmailRequest),
        answers: { 200: MessageAnswer },
        errors: ['rate_limited'],
      },
      ({ body }) => {
        letters.verifyEmail(body.token);
        return { message: 'Your e-mail address is confirmed.' };
      },
    ),
    publicEndpoint(
      {
        ...AUTH,
        method: 'post',
        path: '/auth/resend-verification',
        summary:
          'Sends the letter that confirms an address once more; the answer never tells whether there is an account.',
        body: json(EmailRequest),
        answers: { 200: MessageAnswer },
        errors: ['rate_limited', 'unavailable'],
      },
      async ({ body, req }) => {
        await letters.request('verify_email', body.email, letterBase(req));
        return onItsWay();
      },
    ),
    publicEndpoint(
      {
        ...AUTH,
        method: 'post',
        path: '/auth/forgot-password',
        summary:
          'Sends a letter to choose a new password; the answer never tells whether there is an account.',
        body: json(EmailRequest),
        answers: { 200: MessageAnswer },
        errors: ['rate_limited', 'unavailable'],
      },
      async ({ body, req }) => {
        await letters.request('reset_password', body.email, letterBase(req));
        return onItsWay();
      },
    ),
    publicEndpoint(
      {
        ...AUTH,
        method: 'post',
        path: '/auth/reset-password',
        summary: 'Chooses a new password with the code of a letter and ends every session.',
        body: json(ResetPasswordRequest),
        answers: { 200: MessageAnswer },
        errors: ['rate_limited'],
      },
      async ({ body }) => {
        await letters.resetPassword(body.token, body.password);
        return { message: 'Your password is changed. Sign in with it.' };
      },
    ),
    publicEndpoint(
      {
        ...AUTH,
        method: 'post',
        path: '/auth/oauth/google',
        summary: "Signs a device in with Google's identity token.",
        body: json(GoogleOAuthRequest),
        answers: { 200: AuthTokens },
        errors: ['unauthenticated', 'forbidden', 'conflict', 'rate_limited', 'unavailable'],
      },
      async ({ body, req }) => {
        const user = await googleJourneys.signInWithToken(body.id_token);
        return presentTokens(await tokens.issue(user.userId, deviceOf(body, req)), user);
      },
    ),
    publicEndpoint(
      {
        ...AUTH,
        method: 'get',
        path: '/auth/oauth/google/start',
        summary: 'Sends the browser to Google.',
        description:
          'To be opened in a browser: a cookie makes sure that the browser that comes back is the one that left.',
        query: GoogleStartQuery,
        sends: [],
        redirects: 'Sends the browser to Google.',
        errors: ['rate_limited', 'unavailable'],
      },
      async ({ query, req, res }) => {
        if (!isAt(req, publicUrl()) && query.moved === undefined) {
          const { search } = new URL(req.originalUrl, publicUrl());
          res.redirect(302, `${publicUrl()}/api/v1/auth/oauth/google/start${search}&moved=1`);
          return;
        }
        const browser = markBrowser(req, res, publicUrl());
        const way = { redirectUri: query.redirect_uri, challenge: query.code_challenge, browser };
        res.redirect(302, await googleJourneys.start(way));
      },
    ),
    publicEndpoint(
      {
        ...AUTH,
        limitsFailures: true,
        method: 'get',
        path: '/auth/oauth/google/callback',
        summary:
          'Takes the browser back from Google and sends it to the app with a code, or with the reason why not.',
        query: GoogleCallbackQuery,
        sends: [],
        redirects:
          'Takes the browser back from Google and sends it to the app with a code, or with the reason why not.',
        errors: ['rate_limited', 'unavailable'],
      },
      async ({ req, res }) => {
        const { search } = new URL(req.originalUrl, 'http://localhost');
        res.redirect(
          302,
          await googleJourneys.comeBack(new URLSearchParams(search), browserOf(req, publicUrl())),
        );
      },
    ),
    publicEndpoint(
      {
        ...AUTH,
        method: 'post',
        path: '/auth/exchange-code',
        summary: 'Signs a device in with the code the browser brought.',
        body: json(ExchangeCodeRequest),
        answers: { 200: AuthTokens },
        errors: ['unauthenticated', 'forbidden', 'rate_limited'],
      },
      async ({ body, req }) => {
        const user = googleJourneys.exchange(body.code, body.code_verifier ?? undefined);
        return presentTokens(await tokens.issue(user.userId, deviceOf(body, req)), user);
      },
    ),
    userEndpoint(
      {
        ...LINK,
        method: 'post',
        path: '/auth/link/google/start',
        summary: 'Returns where to send the browser to link Google to your account.',
        body: json(GoogleLinkStartRequest),
        answers: { 200: AuthorizationUrl },
        errors: ['unavailable'],
      },
      async ({ caller, body }) => ({
        authorization_url: await googleJourneys.startLink(caller.userId, body.redirect_uri),
      }),
    ),
    userEndpoint(
      {
        ...LINK,
        method: 'post',
        path: '/auth/link/google/complete',
        summary: 'Links Google to your account with the code the browser brought.',
        body: json(GoogleLinkCompleteRequest),
        answers: { 200: User },
        errors: ['forbidden', 'conflict'],
      },
      ({ caller, body }) => presentUser(googleJourneys.completeLink(caller.userId, body.code)),
    ),
  ];
}
