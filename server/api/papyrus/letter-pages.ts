// The two pages the links of letters lead to: plain forms for whoever has no app at hand.
import express from 'express';
import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import type { Letters } from '../../accounts/letters.ts';
import { AppError } from '../../base/errors.ts';
import type { Page as BrowserPage } from '../../http/app.ts';
import { neighbourhoodOf } from '../../http/addresses.ts';
import { countRequest } from '../../http/rate-limit.ts';
import type { Limits } from '../../http/rate-limit.ts';
import { PAPYRUS_STATUS } from './errors.ts';

const Fields = z.object({ token: z.string().max(200), password: z.string().max(1024).optional() });

type Page = {
  heading: string;
  hint: string;
  /** The field of the form besides the code. */
  field: string;
  action: string;
  submit(fields: z.infer<typeof Fields>): void | Promise<void>;
  done: string;
};

/** Returns the pages by their paths. Looking at one uses nothing up: mail programs look at links before people do. */
export function letterPages(parts: { letters: Letters; limits: Limits }): BrowserPage[] {
  const { letters, limits } = parts;
  const pages: Record<string, Page> = {
    '/verify-email': {
      heading: 'Confirm your e-mail address',
      hint: 'One press, and this library knows that the address is yours.',
      field: '',
      action: 'Confirm',
      submit: ({ token }) => letters.verifyEmail(token),
      done: 'Your e-mail address is confirmed. You can close this page.',
    },
    '/reset-password': {
      heading: 'Choose a new password',
      hint: 'At least 8 characters with an upper-case letter, a lower-case letter and a digit. Every device is signed out.',
      field:
        '<p><label>New password<br><input type="password" name="password" autocomplete="new-password" required minlength="8" maxlength="1024"></label></p>',
      action: 'Save the password',
      submit: ({ token, password = '' }) => letters.resetPassword(token, password),
      done: 'Your password is changed. Sign in with it in your app.',
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
  const form = (token: string, trouble = '') =>
    `${trouble === '' ? '' : `<p role="alert"><strong>${text(trouble)}</strong></p>`}<p>${page.hint}</p>
<form method="post" action="${path}"><input type="hidden" name="token" value="${text(token)}">${page.field}
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
    send(res, 200, form(typeof token === 'string' ? token : ''));
  });
  router.post(
    '/',
    express.urlencoded({ extended: false, limit: '8kb' }),
    async (req: Request, res: Response) => {
      const fields = Fields.safeParse(req.body);
      const token = fields.data?.token ?? '';
      try {
        countRequest(limits.authentication, `${neighbourhoodOf(req.ip)} page ${path}`, res);
        await page.submit(fields.data ?? { token });
        send(res, 200, `<p>${page.done}</p>`);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        send(res, PAPYRUS_STATUS[error.kind], form(token, error.message));
      }
    },
  );
  return router;
}

const text = (value: string): string => value.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
