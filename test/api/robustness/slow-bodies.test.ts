// Requests whose bodies do not come: who sends nothing holds no connection, whoever sends slowly may.
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formOf } from '../../support/form.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startTestServer({ ports: { patience: { idleMs: 150, wholeMs: 600 } } });
  token = await server.claim();
});
afterAll(() => server.close());

/** Opens a connection and sends the head of a request that announces so many bytes. */
const announce = async (path: string, bytes: number, headers: Record<string, string> = {}) => {
  const { hostname, port, host } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString();
  });
  socket.on('error', () => {});
  const ended = new Promise<string>((resolve) => {
    socket.on('close', () => resolve(answer));
  });
  const lines = Object.entries({
    host,
    'content-type': 'application/json',
    'content-length': `${bytes}`,
    ...headers,
  });
  socket.write(
    `POST ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
  );
  return { socket, ended };
};
/** Sends a byte from time to time until the connection ends. */
const drip = (socket: Socket, byte: string): void => {
  const timer = setInterval(() => socket.write(byte), 50);
  socket.on('close', () => clearInterval(timer));
};

describe('the body of a request', () => {
  it.each(['/api/v1/auth/login', '/api/auth/login', '/desk/api/claim', '/no/such/path', '/verify-email'])(
    'to %s ends the connection when none of it comes',
    async (path) => {
      const { ended } = await announce(path, 500);
      expect(await ended).toMatch(/^(HTTP\/1.1 4\d\d|$)/);
    },
  );

  it('is refused with 408 when it stops half way', async () => {
    const { socket, ended } = await announce('/api/v1/auth/login', 500);
    socket.write('{"email":');
    expect(await ended).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/);
  });

  it('may not trickle for ever', async () => {
    const { socket, ended } = await announce('/api/v1/auth/login', 5000);
    drip(socket, ' ');
    expect(await ended).toMatch(/^HTTP\/1.1 408 /);
  });

  it('of an upload may come slowly once it is known who sends it', async () => {
    const text = 'A book that comes slowly.\n'.repeat(40);
    const { raw, headers } = formOf({ name: 'slow.txt', bytes: Buffer.from(text) });
    const signedIn = { ...headers, authorization: `Bearer ${token}` };
    const { socket, ended } = await announce('/api/v1/files/upload', raw.length, signedIn);
    const cut = raw.length - 300;
    socket.write(raw.subarray(0, cut));
    // Longer than any other body may rest, and longer than all of one may take.
    for (let at = cut; at < raw.length; at += 60) {
      await new Promise((resolve) => void setTimeout(resolve, 200));
      socket.write(raw.subarray(at, at + 60));
    }
    await new Promise((resolve) => void socket.once('data', resolve));
    socket.end();
    expect(await ended).toMatch(/^HTTP\/1.1 201 /);
  });

  it('that came whole leaves its answer all the time it takes', async () => {
    const { token: listening } = (
      await server.papyrus('POST', '/auth/powersync-token', undefined, token)
    ).json() as { token: string };
    const body = '{"buckets":[]}';
    const { socket, ended } = await announce('/sync/stream', body.length, {
      authorization: `Token ${listening}`,
    });
    socket.write(body);
    const outcome = await Promise.race([ended, new Promise((resolve) => void setTimeout(resolve, 900, 'open'))]); // prettier-ignore
    expect(outcome).toBe('open');
    socket.destroy();
  });
});
