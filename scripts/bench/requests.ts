// Asks a server over one kept connection, or over a new one each time, and says how long the whole answer took.
import { Agent, get } from 'node:http';

export type Reply = { tookMs: number; status: number; etag: string | undefined; bytes: number };

export type Connection = {
  /** Rejects when nothing listens. */
  get(path: string, headers?: Record<string, string>): Promise<Reply>;
  close(): void;
};

/** Returns a client; `keepAlive` false makes a connection for each request. */
export function connect(url: string, { keepAlive = true } = {}): Connection {
  const agent = new Agent({ keepAlive, maxSockets: 1 });
  return {
    get: (path, headers = {}) =>
      new Promise((resolve, reject) => {
        const startedAt = performance.now();
        get(`${url}${path}`, { agent, headers }, (response) => {
          let bytes = 0;
          response.on('data', (chunk: Buffer) => (bytes += chunk.length));
          response.on('error', reject);
          response.on('end', () =>
            resolve({
              tookMs: performance.now() - startedAt,
              status: response.statusCode ?? 0,
              etag: response.headers.etag,
              bytes,
            }),
          );
        }).on('error', reject);
      }),
    close: () => agent.destroy(),
  };
}
