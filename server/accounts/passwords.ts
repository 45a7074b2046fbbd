// Hashes and checks passwords: Argon2id, in a thread of its own.
import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { invalid } from '../base/errors.ts';

/** OWASP's first choice for Argon2id: 19 MiB, two passes, one lane. The library's default algorithm is Argon2id. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Returns the PHC string of a password. */
export const hashPassword = (password: string): Promise<string> => hash(password, COST);

/** A hash of nobody's password: checking it takes as long as checking a real one. */
let nobody: Promise<string> | undefined;

/** Whether the password fits. Without a hash it takes as long and is false. */
export async function passwordFits(password: string, passwordHash: string | null): Promise<boolean> {
  nobody ??= hashPassword(randomBytes(16).toString('hex'));
  const fits = await verify(passwordHash ?? (await nobody), password);
  return fits && passwordHash !== null;
}

/** So long, a password is good whatever it is made of (NIST SP 800-63B §3.1.1.2). */
const PASSPHRASE_CHARS = 15;

/** What a password still lacks (papyrus.md "Passwords and sign-up"), as the end of "Your password needs …"; undefined when it is good. */
export function passwordLacks(password: string): string | undefined {
  const length = Array.from(password).length;
  if (length >= PASSPHRASE_CHARS) return undefined;
  const lacks = [
    ...(length < 8 ? ['at least 8 characters'] : []),
    ...(/\p{Lu}/u.test(password) ? [] : ['an upper-case letter']),
    ...(/\p{Ll}/u.test(password) ? [] : ['a lower-case letter']),
    ...(/\p{Nd}/u.test(password) ? [] : ['a digit']),
  ];
  if (lacks.length === 0) return undefined;
  return lacks.length === 1 ? lacks[0] : `${lacks.slice(0, -1).join(', ')} and ${lacks.at(-1)}`;
}

/** Throws invalid, naming what is missing, for a password that is not good. */
export function checkPassword(password: string, field = 'password'): void {
  const lacks = passwordLacks(password);
  if (lacks === undefined) return;
  const message = `Your password needs ${lacks}.`;
  throw invalid(message, { details: { fields: { [field]: message } } });
}
