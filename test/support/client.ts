// Speaks HTTP to a server under test: any header, any body, and streams of events.
import { request as openRequest } from 'node:http';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';

export type Answer = {
  status: number;
  headers: IncomingHttpHeaders;
  bytes: Buffer;
  text: string;
  /** The body read as JSON. */
  json(): unknown;
};

export type Asked = {
  method?: string;
  headers?: OutgoingHttpHeaders;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is, with the caller's own headers. */
  raw?: string | Uint8Array;
};

/** The body of a refused request, in every face of the server. */
export type Refusal = { error: { code: string; message: string; details?: Record<string, unknown> } };

/** Asks on a connection of its own and reads the answer to its end. */
export const ask = (url: string, asked: Asked = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const outgoing = open(url, asked, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const text = bytes.toString();
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          bytes,
          text,
          json: () => JSON.parse(text) as unknown,
        });
      });
    });
    outgoing.on('error', reject);
  });

export type ServerEvent = { event: string; data: unknown };

export type EventStream = {
  headers: IncomingHttpHeaders;
  /** The next event that has come or will come. Throws when the stream ends before. */
  next(): Promise<ServerEvent>;
  /** The next event of this name that `fits`; others are passed over. */
  nextOf<Data = unknown>(event: string, fits?: (data: Data) => boolean): Promise<Data>;
  close(): void;
};

/** Listens to a stream of events (WHATWG HTML §9.2) from its first one on. */
export const listen = (url: string, headers: OutgoingHttpHeaders = {}): Promise<EventStream> =>
  new Promise((resolve, reject) => {
    const outgoing = open(url, { headers }, (incoming) => {
      const events: ServerEvent[] = [];
      let wake = (): void => {};
      let hasEnded = false;
      let rest = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (text: string) => {
        const frames = (rest + text).split('\n\n');
        rest = frames.pop() ?? '';
        events.push(...frames.flatMap(readFrame));
        wake();
      });
      const end = (): void => {
        hasEnded = true;
        wake();
      };
      incoming.on('end', end);
      incoming.on('error', end);
      const next = async (): Promise<ServerEvent> => {
        for (;;) {
          const event = events.shift();
          if (event !== undefined) return event;
          if (hasEnded) throw new Error('the stream has ended');
          await new Promise<void>((woken) => {
            wake = woken;
          });
        }
      };
      resolve({
        headers: incoming.headers,
        next,
        nextOf: async <Data>(name: string, fits: (data: Data) => boolean = () => true) => {
          for (;;) {
            const { event, data } = await next();
            if (event === name && fits(data as Data)) return data as Data;
          }
        },
        close: () => outgoing.destroy(),
      });
    });
    outgoing.on('error', reject);
  });

const readFrame = (frame: string): ServerEvent[] => {
  const event = /^event: (.*)$/m.exec(frame)?.[1];
  const data = /^data: (.*)$/m.exec(frame)?.[1];
  return event === undefined || data === undefined ? [] : [{ event, data: JSON.parse(data) as unknown }];
};

const open = (
  url: string,
  { method = 'GET', headers = {}, body, raw }: Asked,
  onAnswer: (incoming: IncomingMessage) => void,
): ClientRequest => {
  const { hostname, port } = new URL(url);
  const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const outgoing = openRequest(
    {
      host: hostname.replace(/^\[|\]$/g, ''),
      port,
      // As given: what a URL parser would tidy up is part of the question.
      path: url.slice(new URL(url).origin.length) || '/',
      method,
      agent: false,
      headers: {
        ...(content === undefined ? {} : { 'content-length': Buffer.byteLength(content) }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
    },
    onAnswer,
  );
  outgoing.end(content);
  return outgoing;
};
