// Schemas of accounts: sign-up, sign-in, tokens, profile (papyrus.md "Sign-in and tokens", "People").
import { z } from 'zod';
import { isDeeper } from '../../../base/json-depth.ts';
import { Instant, papyrus, plainText, requiredText, Uuid } from '../shared-schemas.ts';

export const device = {
  client_type: z
    .enum(['mobile', 'desktop', 'web', 'unknown'])
    .nullish()
    .describe('What kind of program signs in.'),
  device_label: plainText(255).nullish().describe('What to call the device.'),
};
export const Password = z.string().min(1).max(1024);
export const Email = z.string().trim().toLowerCase().pipe(z.email().max(320));

export const RegisterRequest = z
  .object({
    email: Email,
    password: plainText(1024)
      .min(1)
      .describe('At least 8 characters with upper case, lower case and a digit, or at least 15 of any kind.'),
    display_name: requiredText(100),
    invitation: plainText(200)
      .nullish()
      .describe("The code of the owner's link, where `registration` says that people come by invitation."),
    ...device,
  })
  .register(papyrus, { id: 'RegisterRequest' });

export const LoginRequest = z
  .object({ email: plainText(320), password: Password, ...device })
  .register(papyrus, { id: 'LoginRequest' });

export const RefreshTokenRequest = z
  .object({ refresh_token: z.string().min(1).max(500) })
  .register(papyrus, { id: 'RefreshTokenRequest' });

export const LogoutRequest = z
  .object({ all_devices: z.boolean().nullish().meta({ default: false }) })
  .register(papyrus, { id: 'LogoutRequest' });

export const User = z
  .object({
    user_id: Uuid,
    email: z.string().nullable(),
    display_name: z.string(),
    avatar_url: z.string().nullable(),
    is_anonymous: z.boolean().describe('Always false.'),
    email_verified: z.boolean(),
    created_at: Instant,
    last_login_at: Instant.nullable(),
  })
  .register(papyrus, { id: 'User' });

const tokens = {
  access_token: z.string(),
  refresh_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.int().describe('Seconds the access token is good for.'),
  user: User,
};
export const AuthTokens = z.object(tokens).register(papyrus, { id: 'AuthTokens' });

/** Both what the contract documents and the tokens its clients read; without them when the address must be confirmed first. */
export const RegisterAnswer = z
  .object({
    user_id: Uuid,
    email: z.string(),
    message: z.string(),
    ...z.object(tokens).partial().shape,
  })
  .register(papyrus, { id: 'RegisterResponse' });

export const UpdateUserRequest = z
  .object({
    display_name: requiredText(100).optional(),
    avatar_url: z
      .url({ protocol: /^https?$/ })
      .max(2048)
      .nullish(),
  })
  .register(papyrus, { id: 'UpdateUserRequest' });

export const ChangePasswordRequest = z
  .object({ current_password: Password, new_password: Password })
  .register(papyrus, { id: 'ChangePasswordRequest' });

export const DeleteAccountRequest = z
  .object({
    password: z.string().max(1024).describe('Any text for an account that has none and signed in just now.'),
  })
  .register(papyrus, { id: 'DeleteAccountRequest' });

export const MessageAnswer = z
  .object({ message: z.string().describe('A sentence for the person.') })
  .register(papyrus, { id: 'Message' });

const PREFERENCES_BYTES = 64 * 1024;
const PREFERENCES_DEPTH = 16;

/** Whatever the apps keep here: at most 64 KiB of JSON, 16 levels deep. */
export const UserPreferences = z
  .record(z.string(), z.unknown())
  .refine((value) => !isDeeper(value, PREFERENCES_DEPTH), { error: 'at most 16 levels deep', abort: true })
  .refine((value) => Buffer.byteLength(JSON.stringify(value)) <= PREFERENCES_BYTES, 'at most 64 KiB')
  .register(papyrus, { id: 'UserPreferences' });

export const Capabilities = z
  .object({ enabled: z.boolean().describe('Always false: this server fetches no books.') })
  .register(papyrus, { id: 'AcquisitionCapabilities' });

export const Index = z
  .object({
    name: z.string(),
    registration: z
      .enum(['open', 'invitation'])
      .describe('Whether everybody may register, or only whom the owner gave a link.'),
    pages: z.array(z.object({ name: z.string(), path: z.string() })),
  })
  .register(papyrus, { id: 'Index' });
