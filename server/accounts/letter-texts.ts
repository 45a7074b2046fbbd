// The words of the letters: plain text first, the same in simple HTML.
import type { Letter } from './mail.ts';
import { escapeMarkup } from '../base/escape.ts';

export type LetterKind = 'verify_email' | 'reset_password';
export type LetterFacts = { to: string; displayName: string; link: string; code: string; minutes: number };

/** Returns the letter that goes with a link. */
export function writeLetter(kind: LetterKind, facts: LetterFacts): Letter {
  const { to, displayName, link, code, minutes } = facts;
  const until = minutes % 60 === 0 ? plural(minutes / 60, 'hour') : plural(minutes, 'minute');
  const { subject, why, action, ending } = WORDS[kind];
  const greeting = `Hello ${displayName},`;
  const validity = `The link is good once, for ${until}. If an app asks for a code instead, it is:`;
  return {
    to,
    subject,
    text: [greeting, why, `${action}:\n${link}`, `${validity}\n${code}`, ending, 'Papyrus Shelf'].join(
      '\n\n',
    ),
    html: [
      '<!doctype html><html lang="en"><body style="font-family: Georgia, serif; line-height: 1.5">',
      `<p>${escapeMarkup(greeting)}</p><p>${why}</p>`,
      `<p><a href="${escapeMarkup(link)}">${action}</a></p>`,
      `<p>${validity}<br><code>${escapeMarkup(code)}</code></p>`,
      `<p>${ending}</p><p>Papyrus Shelf</p></body></html>`,
    ].join('\n'),
  };
}

const WORDS = {
  verify_email: {
    subject: 'Confirm your e-mail address',
    why: 'You signed up for a library with this e-mail address.',
    action: 'Confirm that it is yours',
    ending: 'If it was not you, there is nothing to do: an address nobody confirms is not used.',
  },
  reset_password: {
    subject: 'Choose a new password',
    why: 'Somebody asked for a new password for your library.',
    action: 'Choose a new password',
    ending: 'If it was not you, there is nothing to do: your password stays as it is.',
  },
} as const satisfies Record<LetterKind, object>;

const plural = (count: number, unit: string) => `${count} ${unit}${count === 1 ? '' : 's'}`;
