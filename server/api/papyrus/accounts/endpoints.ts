// Endpoints of accounts: sign-up, sign-in, tokens, profile, preferences, goodbye.
import type { Request } from 'express';
import type { Deletions } from '../../../accounts/deletions.ts';
import type { Letters } from '../../../accounts/letters.ts';
import type { Tokens } from '../../../accounts/tokens.ts';
import type { Users } from '../../../accounts/users.ts';
import { json } from '../../../http/bodies.ts';
import type { LinkBase } from '../../../http/links.ts';
import { neighbourhoodOf } from '../../../http/addresses.ts';
import { publicEndpoint, userEndpoint } from '../auth.ts';
import { presentTokens, presentUser } from './present.ts';
import {
  AuthTokens,
  Capabilities,
  ChangePasswordRequest,
  DeleteAccountRequest,
  Index,
  LoginRequest,
  LogoutRequest,
  MessageAnswer,
  RefreshTokenRequest,
  RegisterAnswer,
  RegisterRequest,
  UpdateUserRequest,
  User,
  UserPreferences,
} from './schemas.ts';

const AUTH = { tag: 'Auth', access: 'public', limit: 'authentication' } as const;
const ME = { tag: 'Users', access: 'user', path: '/users/me' } as const;
const PREFERENCES = { tag: 'Users', access: 'user', path: '/users/me/preferences' } as const;

export type AccountParts = {
  users: Users;
  tokens: Tokens;
  letters: Letters;
  deletions: Deletions;
  letterBase: LinkBase;
  /** Accounts sign in only after they confirmed their address. */
  requireEmailVerification: boolean;
};

/** Returns the endpoints. */
export function accountEndpoints(parts: AccountParts) {
  const { users, tokens, letters, deletions, letterBase, requireEmailVerification } = parts;
  return [
    publicEndpoint(
      {
        ...AUTH,
        method: 'post',
        path: '/auth/register',
        summary: 'Creates an account and signs the device in.',
        description:
          'Once the server has an owner, people come by invitation, or while the owner has opened registration for an hour: `registration` of the index says so, 403 refuses everybody else.',
        body: json(RegisterRequest),
        answers: { 201: RegisterAnswer },
        errors: ['forbidden', 'conflict', 'rate_limited'],
      },
      async ({ body, req }) => {
        const { email, password, display_name: displayName } = body;
        const invitation = body.invitation ?? undefined;
        const user = await users.register({ email, password, displayName, invitation });
        letters.welcome(user.userId, { required: requireEmailVerification, base: letterBase(req) });
        const account = { user_id: user.userId, email };
        if (requireEmailVerification) {
          return { ...account, message: 'Your account is made. Confirm your e-mail address, then sign in.' };
        }
        const issued = await tokens.issue(user.userId, deviceOf(body, req));
        return { ...account, message: 'Your account is ready.', ...presentTokens(issued, user) };
      },
    ),
    publicEndpoint(
      {
        ...AUTH,
        limitsFailures: true,
        method: 'post',
        path: '/auth/login',
        summary: 'Signs a device in with e-mail and password.',
        description:
          'Five wrong passwords for an account from one address shut it to that address for 15 minutes.',
        body: json(LoginRequest),
        answers: { 200: AuthTokens },
        errors: ['unauthenticated', 'forbidden', 'rate_limited'],
      },
      async ({ body, req }) => {
        const { email, password } = body;
        const user = await users.signIn({ email, password, from: neighbourhoodOf(req.ip) });
        return presentTokens(await tokens.issue(user.userId, deviceOf(body, req)), user);
      },
    ),
    publicEndpoint(
      {
        ...AUTH,
        // A client that is told to wait would throw its token away.
        limitsFailures: true,
        method: 'post',
        path: '/auth/refresh',
        summary: 'Exchanges a refresh token for a new pair; the old one is dead at once.',
        body: json(RefreshTokenRequest),
        answers: { 200: AuthTokens },
        errors: ['unauthenticated', 'forbidden', 'rate_limited'],
      },
      async ({ body }) => {
        const issued = await tokens.refresh(body.refresh_token);
        return presentTokens(issued, users.get(issued.userId));
      },
    ),
    userEndpoint(
      {
        method: 'post',
        path: '/auth/logout',
        summary: 'Ends this session, or every session of the account.',
        tag: 'Auth',
        access: 'user',
        body: json(LogoutRequest, { optional: true }),
      },
      ({ body, caller }) => tokens.signOut(caller, body?.all_devices === true),
    ),
    userEndpoint(
      {
        method: 'post',
        path: '/auth/logout-all',
        summary: 'Ends every session of the account.',
        tag: 'Auth',
        access: 'user',
      },
      ({ caller }) => tokens.signOut(caller, true),
    ),
    userEndpoint(
      { ...ME, method: 'get', summary: 'Returns your account.', answers: { 200: User } },
      ({ caller }) => presentUser(users.get(caller.userId)),
    ),
    userEndpoint(
      {
        ...ME,
        method: 'patch',
        summary: 'Changes your name or picture.',
        body: json(UpdateUserRequest),
        answers: { 200: User },
      },
      ({ caller, body }) =>
        presentUser(
          users.change(caller.userId, {
            ...(body.display_name === undefined ? {} : { displayName: body.display_name }),
            ...(body.avatar_url === undefined ? {} : { avatarUrl: body.avatar_url }),
          }),
        ),
    ),
    userEndpoint(
      {
        ...ME,
        method: 'delete',
        limit: 'authentication',
        limitsFailures: true,
        summary: 'Deletes your account; signing in within seven days takes it back.',
        body: json(DeleteAccountRequest),
        errors: ['forbidden', 'rate_limited'],
      },
      ({ caller, body, req }) =>
        deletions.request(caller, { password: body.password, from: neighbourhoodOf(req.ip) }),
    ),
    userEndpoint(
      {
        ...ME,
        path: '/users/me/change-password',
        method: 'post',
        limit: 'authentication',
        limitsFailures: true,
        summary: 'Replaces your password and ends every session, this one too.',
        body: json(ChangePasswordRequest),
        answers: { 200: MessageAnswer },
        errors: ['forbidden', 'rate_limited'],
      },
      async ({ caller, body, req }) => {
        const { current_password: current, new_password: next } = body;
        await users.changePassword(caller.userId, { current, next, from: neighbourhoodOf(req.ip) });
        return { message: 'Your password is changed. Sign in with it on each device.' };
      },
    ),
    userEndpoint(
      {
        ...PREFERENCES,
        method: 'get',
        summary: 'Returns your preferences.',
        answers: { 200: UserPreferences },
      },
      ({ caller }) => users.get(caller.userId).preferences,
    ),
    userEndpoint(
      {
        ...PREFERENCES,
        method: 'put',
        summary: 'Replaces your preferences.',
        body: json(UserPreferences),
        answers: { 200: UserPreferences },
      },
      ({ caller, body }) => users.setPreferences(caller.userId, body),
    ),
    userEndpoint(
      {
        method: 'get',
        path: '/acquisition/capabilities',
        summary: 'Says that this server fetches no books.',
        tag: 'Index',
        access: 'user',
        answers: { 200: Capabilities },
      },
      () => ({ enabled: false }),
    ),
    publicEndpoint(
      {
        method: 'get',
        path: '/',
        summary: 'Says what this is and where to read on.',
        tag: 'Index',
        access: 'public',
        answers: { 200: Index },
      },
      () => ({
        name: 'Papyrus Shelf',
        registration: users.registration(),
        pages: [
          { name: 'API', path: '/docs' },
          { name: 'OpenAPI', path: '/api/v1/openapi.json' },
          { name: 'Health', path: '/health' },
        ],
      }),
    ),
  ];
}

/** What a request says of the device that signs in. */
export const deviceOf = (
  body: { client_type?: string | null | undefined; device_label?: string | null | undefined },
  req: Request,
) => ({
  clientType: body.client_type ?? 'unknown',
  deviceLabel: body.device_label ?? req.headers['user-agent'],
});
