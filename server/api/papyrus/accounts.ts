// Endpoints of accounts: sign-up, sign-in, tokens, profile.
import type { Request } from 'express';
import type { Tokens } from '../../accounts/tokens.ts';
import type { Users } from '../../accounts/users.ts';
import type { RateLimit } from '../../http/rate-limit.ts';
import { publicEndpoint, userEndpoint } from './auth.ts';
import { presentTokens, presentUser } from './present.ts';
import {
  AuthTokens,
  LoginRequest,
  LogoutRequest,
  RefreshTokenRequest,
  RegisterAnswer,
  RegisterRequest,
  UpdateUserRequest,
  User,
} from './schemas/accounts.ts';

const AUTH = { tag: 'Auth', access: 'public' } as const;
const ME = { tag: 'Users', access: 'user', path: '/users/me' } as const;

/** Returns the endpoints; `attempts` limits sign-up, sign-in and failed refreshes per address and route. */
export function accountEndpoints({
  users,
  tokens,
  attempts,
}: {
  users: Users;
  tokens: Tokens;
  attempts: RateLimit;
}) {
  const deviceOf = (
    body: { client_type?: string | null | undefined; device_label?: string | null | undefined },
    req: Request,
  ) => ({
    clientType: body.client_type ?? 'unknown',
    deviceLabel: body.device_label ?? req.headers['user-agent'],
  });

  return [
    publicEndpoint(
      {
        ...AUTH,
        method: 'post',
        path: '/auth/register',
        summary: 'Creates an account and signs the device in.',
        body: RegisterRequest,
        response: RegisterAnswer,
        status: 201,
        errors: ['conflict', 'rate_limited'],
      },
      async ({ body, req }) => {
        attempts.take(`register ${req.ip}`);
        const { email, password, display_name: displayName } = body;
        const user = await users.register({ email, password, displayName });
        const issued = await tokens.issue(user.userId, deviceOf(body, req));
        return {
          user_id: user.userId,
          email,
          message: 'Your account is ready.',
          ...presentTokens(issued, user),
        };
      },
    ),
    publicEndpoint(
      {
        ...AUTH,
        method: 'post',
        path: '/auth/login',
        summary: 'Signs a device in with e-mail and password.',
        body: LoginRequest,
        response: AuthTokens,
        errors: ['unauthenticated', 'forbidden', 'rate_limited'],
      },
      async ({ body, req }) => {
        attempts.take(`login ${req.ip}`);
        const user = await users.signIn(body.email, body.password);
        attempts.giveBack(`login ${req.ip}`);
        return presentTokens(await tokens.issue(user.userId, deviceOf(body, req)), user);
      },
    ),
    publicEndpoint(
      {
        ...AUTH,
        method: 'post',
        path: '/auth/refresh',
        summary: 'Exchanges a refresh token for a new pair; the old one is dead at once.',
        body: RefreshTokenRequest,
        response: AuthTokens,
        errors: ['unauthenticated', 'forbidden', 'rate_limited'],
      },
      async ({ body, req }) => {
        // Only failed refreshes count: a client that is told to wait would throw its token away.
        attempts.take(`refresh ${req.ip}`);
        const issued = await tokens.refresh(body.refresh_token);
        attempts.giveBack(`refresh ${req.ip}`);
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
        body: LogoutRequest,
        bodyOptional: true,
      },
      ({ body, caller }) => tokens.signOut(caller, body?.all_devices === true),
    ),
    userEndpoint({ ...ME, method: 'get', summary: 'Returns your account.', response: User }, ({ caller }) =>
      presentUser(users.get(caller.userId)),
    ),
    userEndpoint(
      {
        ...ME,
        method: 'patch',
        summary: 'Changes your name or picture.',
        body: UpdateUserRequest,
        response: User,
      },
      ({ caller, body }) =>
        presentUser(
          users.change(caller.userId, {
            ...(body.display_name === undefined ? {} : { displayName: body.display_name }),
            ...(body.avatar_url === undefined ? {} : { avatarUrl: body.avatar_url }),
          }),
        ),
    ),
  ];
}
