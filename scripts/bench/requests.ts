// Asks a server over one kept connection, or over a new one each time, and says how long the whole answer took.
import { Agent, request } from 'node:http';

export type Reply = { tookMs: number; status: number; etag: string | undefined; bytes: number };

export type Connection = {
  /** Rejects when nothing listens. */
  get(path: string, headers?: Record<string, string>): Promise<Reply>;
  /** Sends JSON; `body` is its text, so that making it is not measured. */
  post(path: string, body: string, headers?: Record<string, string>): Promise<Reply>;
  close(): void;
};

/** Returns a client; `keepAlive` false makes a connection for each request. */
export function connect(url: string, { keepAlive = true, maxSockets = 1 } = {}): Connection {
  const agent = new Agent({ keepAlive, maxSockets });
  const ask = (path: string, method: string, headers: Record<string, string>, body?: string) =>
    new Promise<Reply>((resolve, reject) => {
      const startedAt = performance.now();
      request(`${url}${path}`, { agent, method, headers }, (response) => {
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
      })
        .on('error', reject)
        .end(body);
    });
  return {
    get: (path, headers = {}) => ask(path, 'GET', headers),
    post: (path, body, headers = {}) =>
      ask(path, 'POST', { 'content-type': 'application/json', ...headers }, body),
    close: () => agent.destroy(),
  };
}
