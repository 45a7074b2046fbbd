// Pages that are files: the built desk, and the readable API page.
import express from 'express';
import type { RequestHandler } from 'express';

const PAGE_POLICY =
  "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; connect-src 'self'; " +
  "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** Serves a folder of built pages. Files with a hash in their name are kept, the page itself is asked for each time. */
export function builtPages(dir: string): RequestHandler {
  return express.static(dir, {
    index: 'index.html',
    redirect: true,
    setHeaders: (res, path) => {
      res.setHeader('Content-Security-Policy', PAGE_POLICY);
      res.setHeader(
        'Cache-Control',
        /-[\w-]{8,}\.\w+$/.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
      );
    },
  });
}
