// Server-Sent Events (WHATWG HTML §9.2): one open answer per listener, a comment now and then to keep it open.
import type { Request, Response } from 'express';

const KEEP_ALIVE_MS = 15_000;

export type EventStream = {
  send(event: string, data: unknown): void;
  /** Ends the stream when its listener may not listen any more. */
  check(): void;
};

export type Listening = {
  /** Is called once when the listener leaves or the server stops. */
  onClose: () => void;
  /** Whether the listener may still hear it; asked before everything that is sent. */
  mayListen: () => boolean;
};

/** Opens the stream. It ends when its listener may not listen any more. */
export function openEventStream(req: Request, res: Response, { onClose, mayListen }: Listening): EventStream {
  res.writeHead(200, {
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-cache',
    // Proxies that buffer would hold events back.
    'X-Accel-Buffering': 'no',
  });
  res.flushHeaders();
  const check = (): boolean => {
    if (res.writableEnded || mayListen()) return !res.writableEnded;
    res.end();
    return false;
  };
  const timer = setInterval(() => {
    if (check()) res.write(': keepalive\n\n');
  }, KEEP_ALIVE_MS);
  timer.unref();
  req.socket.setNoDelay(true);
  res.on('close', () => {
    clearInterval(timer);
    onClose();
  });
  // Whoever asks for the headers alone is told nothing more; an open answer would block their connection.
  if (req.method === 'HEAD') res.end();
  return {
    check: () => void check(),
    send: (event, data) => {
      if (!check()) return;
      // A listener that does not read is dropped rather than kept in memory.
      if (res.writableLength > 1_000_000) res.destroy();
      else res.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    },
  };
}
