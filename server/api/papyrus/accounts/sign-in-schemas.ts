// Schemas of the other ways in: by a letter's link and with Google (papyrus.md "Letters", "Google").
import { z } from 'zod';
import { device, Email, Password } from './schemas.ts';
import { papyrus, requiredText } from '../shared-schemas.ts';

const Code = z.string().min(1).max(200);
const RedirectUri = z
  .string()
  .min(1)
  .max(2048)
  .describe("Where the browser goes in the end: the app's own address.");

export const VerifyEmailRequest = z.object({ token: Code }).register(papyrus, { id: 'VerifyEmailRequest' });

export const EmailRequest = z.object({ email: Email }).register(papyrus, { id: 'EmailRequest' });

export const ResetPasswordRequest = z
  .object({ token: Code, password: Password })
  .register(papyrus, { id: 'ResetPasswordRequest' });

export const GoogleOAuthRequest = z
  .object({ id_token: requiredText(8192), ...device })
  .register(papyrus, { id: 'GoogleOAuthRequest' });

export const GoogleStartQuery = z
  .object({
    redirect_uri: RedirectUri,
    code_challenge: z
      .string()
      .regex(/^[\w-]{43}$/)
      .optional()
      .describe('S256 of a verifier the app keeps (RFC 7636); the code is good only with it then.'),
    code_challenge_method: z.enum(['S256']).optional(),
    moved: z
      .literal('1')
      .optional()
      .describe('Said by the server itself when it sends the browser on to its public address.'),
  })
  .refine((query) => query.code_challenge === undefined || query.code_challenge_method === 'S256', {
    path: ['code_challenge_method'],
    message: 'must be S256',
  });

/** What Google adds to the callback: more than is read here goes on to be checked. */
export const GoogleCallbackQuery = z.looseObject({
  state: z.string().max(500),
  code: z.string().max(2048).optional(),
  error: z.string().max(500).optional(),
});

export const ExchangeCodeRequest = z
  .object({ code: Code, code_verifier: z.string().min(43).max(128).nullish(), ...device })
  .register(papyrus, { id: 'ExchangeCodeRequest' });

export const GoogleLinkStartRequest = z
  .object({ redirect_uri: RedirectUri })
  .register(papyrus, { id: 'GoogleLinkStartRequest' });

export const AuthorizationUrl = z
  .object({ authorization_url: z.url() })
  .register(papyrus, { id: 'AuthorizationUrl' });

export const GoogleLinkCompleteRequest = z
  .object({ code: Code })
  .register(papyrus, { id: 'GoogleLinkCompleteRequest' });
