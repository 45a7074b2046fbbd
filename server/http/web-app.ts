// A built web app in a folder of the person's, served at the root of this server: of one origin with the APIs it calls.
import { createHash } from 'node:crypto';
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import express from 'express';
import type { RequestHandler } from 'express';
import { AppError } from '../base/errors.ts';

const INDEX = 'index.html';
/** Names builders give: a part of the content's hash before the ending. */
const HASHED = /[-.](?=[\w-]*[A-Z0-9])[\w-]{8,}\.\w+$/;

/** Throws unavailable with a sentence when there is no app in the folder. */
export function checkWebApp(dir: string): void {
  if (statSync(join(dir, INDEX), { throwIfNoEntry: false })?.isFile() === true) return;
  throw new AppError('unavailable', `There is no web app in ${dir}: a built one has an index.html.`, {
    code: 'web_app',
  });
}

/**
 * Serves the folder. Nothing outside of it is sent, whatever links lead there, and no file whose name begins with a dot. An
 * address without an ending is one of the app's own: it gets the app's page. Everything else is passed on.
 */
export function webApp(dir: string): RequestHandler {
  const root = realpathSync(dir);
  const indexPath = join(root, INDEX);
  const files = express.static(root, { index: false, redirect: false, cacheControl: false });

  /** The file below the folder that is meant, by its path there. */
  async function fileAt(path: string): Promise<string | undefined> {
    if (path.includes('\0') || path.includes('\\')) return undefined;
    const real = await realpath(join(root, path)).catch(() => undefined);
    if (real === undefined || !real.startsWith(root + sep)) return undefined;
    const below = relative(root, real);
    if (below.split(sep).some((part) => part.startsWith('.'))) return undefined;
    return (await stat(real)).isFile() ? below : undefined;
  }

  return async (req, res, next) => {
    if (req.method !== 'GET' && req.method !== 'HEAD') return next();
    const path = pathOf(req.path);
    const file = path === undefined ? undefined : await fileAt(path === '/' ? INDEX : path);
    const isOwnAddress = path !== undefined && extname(path) === '' && req.accepts('html') !== false;
    const sent = file ?? (isOwnAddress ? INDEX : undefined);
    if (sent === undefined) return next();
    res.setHeader('X-Frame-Options', 'SAMEORIGIN');
    res.setHeader('Content-Security-Policy', policyOf(indexPath));
    res.setHeader('Cache-Control', HASHED.test(sent) ? 'public, max-age=31536000, immutable' : 'no-cache');
    const asked = req.url;
    req.url = `/${sent.split(sep).map(encodeURIComponent).join('/')}`;
    files(req, res, (error) => {
      req.url = asked;
      next(error);
    });
  };
}

function pathOf(given: string): string | undefined {
  try {
    return decodeURIComponent(given);
  } catch {
    return undefined;
  }
}

/**
 * The app runs its own scripts and those its page says itself, by their hashes; its reader shows books in frames and workers made
 * of blobs, and styles them in place. Nothing comes from elsewhere.
 */
function policyOf(indexPath: string): string {
  const page = readFileSync(indexPath, 'utf8');
  const inline = [...page.matchAll(/<script(?![^>]*\ssrc\s*=)[^>]*>([^]*?)<\/script>/gi)].map(
    ([, code = '']) => `'sha256-${createHash('sha256').update(code).digest('base64')}'`,
  );
  const scripts = ["'self'", 'blob:', "'wasm-unsafe-eval'", ...inline].join(' ');
  return [
    "default-src 'self'",
    `script-src ${scripts}`,
    "style-src 'self' 'unsafe-inline' blob:",
    "img-src 'self' data: blob:",
    "media-src 'self' data: blob:",
    "font-src 'self' data: blob:",
    "connect-src 'self' data: blob:",
    "frame-src 'self' blob:",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'self'",
  ].join('; ');
}
