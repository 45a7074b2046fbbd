// Endpoints of letters that wait because there is no mail server: the owner hands their links over.
import { z } from 'zod';
import type { Letters } from '../../accounts/letters.ts';
import type { LinkBase } from '../../http/links.ts';
import { deskEndpoint } from './auth.ts';
import { presentLetter } from './present.ts';
import { LetterLink, LetterList } from './schemas.ts';

const LETTERS = { tag: 'Letters', access: 'desk' } as const;
const LetterParams = z.object({ letter_id: z.uuid() });

export type LetterParts = { letters: Letters; linkBase: LinkBase };

/** Returns the endpoints. */
export const letterEndpoints = ({ letters, linkBase }: LetterParts) => [
  deskEndpoint(
    {
      ...LETTERS,
      method: 'get',
      path: '/letters',
      summary: 'Lists the letters that wait, the newest first.',
      answers: { 200: LetterList },
    },
    () => ({ letters: letters.list().map(presentLetter) }),
  ),
  deskEndpoint(
    {
      ...LETTERS,
      method: 'post',
      path: '/letters/{letter_id}/link',
      summary: 'Takes a letter and returns its link, good once; it is shown this one time.',
      params: LetterParams,
      answers: { 201: LetterLink },
      errors: ['not_found'],
    },
    ({ params, req }) => {
      const { url, expiresAt } = letters.openLetter(params.letter_id, linkBase(req));
      return { url, expires_at: expiresAt.toISOString() };
    },
  ),
  deskEndpoint(
    {
      ...LETTERS,
      method: 'delete',
      path: '/letters/{letter_id}',
      summary: 'Puts a letter away.',
      params: LetterParams,
      errors: ['not_found'],
    },
    ({ params }) => letters.dismiss(params.letter_id),
  ),
];
