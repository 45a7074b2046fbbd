// The rules a password must meet, checked while it is typed. The server checks them again.

export type PasswordRule = 'length' | 'lower' | 'upper' | 'digit';

/** A password this long is good whatever it is made of. */
export const isPassphrase = (password: string): boolean => Array.from(password).length >= 15;

/** Every rule, in the order it is shown, with whether the password meets it. */
export function passwordRules(password: string): { rule: PasswordRule; met: boolean }[] {
  return [
    { rule: 'length', met: Array.from(password).length >= 8 },
    { rule: 'lower', met: /\p{Ll}/u.test(password) },
    { rule: 'upper', met: /\p{Lu}/u.test(password) },
    { rule: 'digit', met: /\p{Nd}/u.test(password) },
  ];
}
