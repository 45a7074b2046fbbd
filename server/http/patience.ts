// How long the server waits for the body of a request, and what becomes of one that nobody reads.
import type { Request, RequestHandler, Response } from 'express';

export type Patience = {
  /** How long nothing of a body may arrive. */
  idleMs: number;
  /** How long all of a body may take, unless whoever reads it waits longer. */
  wholeMs: number;
};

export const PATIENCE: Patience = { idleMs: 30_000, wholeMs: 5 * 60_000 };
/** How long nothing of a long body may arrive. */
const LONG_IDLE_MS = 120_000;
/** A large comic over slow Wi-Fi takes hours. */
const LONG_MS = 6 * 60 * 60_000;
/** A client that is still sending sees the answer before the connection ends. */
const LINGER_MS = 2_000;
/** What is left of smaller bodies is read rather than the connection given up. */
const SMALL_BYTES = 64 * 1024;

const waiting = new WeakMap<Request, { wait: (patience: Patience) => void }>();

/** Ends requests whose bodies do not come: 408 and the end of the connection (RFC 9110 §15.5.9). */
export const waitForBodies =
  (patience: Patience): RequestHandler =>
  (req, res, next) => {
    if (!hasBody(req)) {
      next();
      return;
    }
    const { socket } = req;
    let timer: NodeJS.Timeout | undefined;
    const wait = ({ idleMs, wholeMs }: Patience): void => {
      clearTimeout(timer);
      timer = setTimeout(giveUp, wholeMs);
      timer.unref();
      socket.setTimeout(idleMs);
    };
    const rest = (): void => {
      clearTimeout(timer);
      // An answer may take as long as it does. After it the time is that of the next request.
      if (!res.writableFinished) socket.setTimeout(0);
    };
    function giveUp(): void {
      if (req.complete) rest();
      else endEarly(req, res);
    }
    // Node ends connections whose time is up unless somebody listens.
    req.on('timeout', giveUp);
    res.on('timeout', giveUp);
    req.once('end', rest);
    req.once('close', () => clearTimeout(timer));
    res.once('finish', () => discardRest(req));
    waiting.set(req, { wait });
    wait(patience);
    next();
  };

/** Gives the body of a request hours to come, as long as nothing less than `idleMs` passes without a part of it. */
export function waitLonger(req: Request, idleMs: number = LONG_IDLE_MS): void {
  waiting.get(req)?.wait({ idleMs, wholeMs: LONG_MS });
}

/** Whether more of the body may come than is worth reading: the connection ends a moment after the answer. */
export const isUnread = (req: Request): boolean =>
  !req.complete && hasBody(req) && !(Number(req.headers['content-length']) <= SMALL_BYTES);

const hasBody = (req: Request): boolean =>
  Number(req.headers['content-length'] ?? 0) > 0 || req.headers['transfer-encoding'] !== undefined;

function endEarly(req: Request, res: Response): void {
  const end = () => void req.destroy(new Error('nothing arrived for too long'));
  if (res.headersSent) end();
  else res.writeHead(408, { Connection: 'close', 'Content-Length': 0 }).end(end);
}

/** What is still coming goes nowhere: unread, it would keep the connection and its memory. */
function discardRest(req: Request): void {
  if (req.complete || req.destroyed) return;
  req.unpipe();
  req.resume();
  const { socket } = req;
  const isOver = isUnread(req);
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
  req.once('end', () => {
    clearTimeout(timer);
    if (isOver) socket.end();
  });
}
