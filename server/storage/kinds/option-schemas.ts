// Schemas of what several kinds of storage must know.
import { z } from 'zod';

/** A text of a person's settings. */
export const text = (most = 2048) => z.string().trim().min(1).max(most);

export const WebAddress = z.url({ protocol: /^https?$/ }).max(2048);

/** The folder the app keeps its files in. */
export const FolderPath = text(1024).optional();

/** What a sign-in leaves behind. */
export const TOKENS = ['access_token', 'refresh_token', 'expires_at'] as const;
