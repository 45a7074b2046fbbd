// The pages the links of letters and invitations lead to: plain forms for whoever has no app at hand.
import express from 'express';
import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import type { Letters } from '../../../accounts/letters.ts';
import type { Users } from '../../../accounts/users.ts';
import { AppError } from '../../../base/errors.ts';
import { escapeMarkup } from '../../../base/escape.ts';
import type { Page as BrowserPage } from '../../../http/face.ts';
import { neighbourhoodOf } from '../../../http/addresses.ts';
import { countRequest } from '../../../http/rate-limit.ts';
import type { Limits } from '../../../http/rate-limit.ts';
import type { LinkBase } from '../../../http/links.ts';
import { acceptFields, PAPYRUS_STATUS } from '../errors.ts';
import { RegisterRequest } from './schemas.ts';

const Fields = z.object({
  token: z.string().max(200),
  password: z.string().max(1024).optional(),
  email: z.string().max(320).optional(),
  name: z.string().max(1024).optional(),
});
type Fields = z.infer<typeof Fields>;

const PASSWORD_HINT =
  'At least 8 characters with an upper-case letter, a lower-case letter and a digit, or 15 characters of any kind.';

export type LetterPageParts = {
  users: Users;
  letters: Letters;
  limits: Limits;
  linkBase: LinkBase;
  requireEmailVerification: boolean;
};

type Page = {
  heading: string;
  hint: string;
  /** The fields of the form besides the code; what was typed before stands in them. */
  fields: (before: Fields) => string;
  action: string;
  submit(fields: Fields, req: Request): void | Promise<void>;
  done: string;
};

/** Returns the pages by their paths. Looking at one uses nothing up: mail programs look at links before people do. */
export function letterPages(parts: LetterPageParts): BrowserPage[] {
  const { users, letters, limits, linkBase, requireEmailVerification } = parts;
  const pages: Record<string, Page> = {
    '/verify-email': {
      heading: 'Confirm your e-mail address',
      hint: 'One press, and this library knows that the address is yours.',
      fields: () => '',
      action: 'Confirm',
      submit: ({ token }) => letters.verifyEmail(token),
      done: 'Your e-mail address is confirmed. You can close this page.',
    },
    '/reset-password': {
      heading: 'Choose a new password',
      hint: `${PASSWORD_HINT} Every device is signed out.`,
      fields: () =>
        field({ label: 'New password', name: 'password', type: 'password', auto: 'new-password' }),
      action: 'Save the password',
      submit: ({ token, password = '' }) => letters.resetPassword(token, password),
      done: 'Your password is changed. Sign in with it in your app.',
    },
    '/join': {
      heading: 'Your account in this library',
      hint: `Whoever gave you this link invites you to keep your books and your reading here. The password: ${PASSWORD_HINT}`,
      fields: ({ name = '', email = '' }) =>
        [
          field({ label: 'Name', name: 'name', type: 'text', auto: 'name', value: name }),
          field({ label: 'E-mail address', name: 'email', type: 'email', auto: 'email', value: email }),
          field({ label: 'Password', name: 'password', type: 'password', auto: 'new-password' }),
        ].join(''),
      action: 'Make my account',
      submit: async ({ token, name, email, password }, req) => {
        const asked = { email, password, display_name: name, invitation: token };
        const { display_name: displayName, ...body } = acceptFields(RegisterRequest, asked);
        const user = await users.register({ ...body, displayName, invitation: token });
        letters.welcome(user.userId, { required: requireEmailVerification, base: linkBase(req) });
      },
      done: 'Your account is made. Sign in with it in your app; its server is the address of this page, up to the first single slash.',
    },
  };
  return Object.entries(pages).map(([path, page]) => ({
    path,
    handler: pageAt(path, page, limits),
    takes: ['GET', 'POST'],
  }));
}

function pageAt(path: string, page: Page, limits: Limits): RequestHandler {
  const router = express.Router();
  const form = (before: Fields, trouble = '') =>
    `${trouble === '' ? '' : `<p role="alert"><strong>${escapeMarkup(trouble)}</strong></p>`}<p>${page.hint}</p>
<form method="post" action="${path}"><input type="hidden" name="token" value="${escapeMarkup(before.token)}">${page.fields(before)}
<p><button type="submit">${page.action}</button></p></form>`;
  const send = (res: Response, status: number, content: string): void => {
    // Nobody else may learn the link: no referrer, no cache, nothing from elsewhere.
    res.setHeader('Referrer-Policy', 'no-referrer');
    res.setHeader('Cache-Control', 'no-store');
    res.setHeader(
      'Content-Security-Policy',
      "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    res.status(status).type('html').send(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${page.heading} · Papyrus Shelf</title><link rel="stylesheet" href="/docs/style.css"></head>
<body><main><h1>${page.heading}</h1>${content}</main></body></html>`);
  };
  router.get('/', (req, res) => {
    const { token } = req.query;
    send(res, 200, form({ token: typeof token === 'string' ? token : '' }));
  });
  router.post(
    '/',
    express.urlencoded({ extended: false, limit: '8kb' }),
    async (req: Request, res: Response) => {
      const fields = Fields.safeParse(req.body).data ?? { token: '' };
      try {
        countRequest(limits.authentication, `${neighbourhoodOf(req.ip)} page ${path}`, res);
        await page.submit(fields, req);
        send(res, 200, `<p>${page.done}</p>`);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        send(res, PAPYRUS_STATUS[error.kind], form(fields, error.message));
      }
    },
  );
  return router;
}

const field = (given: { label: string; name: string; type: string; auto: string; value?: string }): string =>
  `<p><label>${given.label}<br><input type="${given.type}" name="${given.name}" autocomplete="${given.auto}" required maxlength="1024" value="${escapeMarkup(given.value ?? '')}"></label></p>`;
