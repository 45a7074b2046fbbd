import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createOutbound } from '../../../server/outbound/client.ts';
import type { Outbound, Resolve } from '../../../server/outbound/client.ts';

const running: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of running.splice(0)) await each.close();
});

async function serve(listener: RequestListener): Promise<{ port: number; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const server: Server = createServer((req, res) => {
    asked.push(req);
    listener(req, res);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  running.push({
    close: () => {
      server.closeAllConnections();
      return server.close();
    },
  });
  return { port: (server.address() as AddressInfo).port, asked };
}

/** A client for which this computer is allowed, and names lead to it. */
function client(allowedNetworks: string[] = ['127.0.0.0/8'], resolve?: Resolve): Outbound {
  const outbound = createOutbound({
    allowedNetworks,
    resolve: resolve ?? leadingTo(() => ['127.0.0.1']),
  });
  running.push(outbound);
  return outbound;
}

const leadingTo =
  (addressesOf: (name: string) => string[]): Resolve =>
  (name, done) =>
    done(
      null,
      addressesOf(name).map((address) => ({ address, family: 4 })),
    );

describe('asking a server', () => {
  it('gives status, headers, bytes and where they came from', async () => {
    const { port, asked } = await serve((_req, res) => res.writeHead(404, { 'X-A': 'b' }).end('not here'));
    const answer = await client().ask(`http://books.example:${port}/a?b=c`, { headers: { 'x-key': '1' } });
    expect([answer.status, answer.headers['x-a'], answer.bytes.toString(), answer.url]).toEqual([
      404,
      'b',
      'not here',
      `http://books.example:${port}/a?b=c`,
    ]);
    expect([asked[0]?.url, asked[0]?.headers['x-key'], asked[0]?.headers.host]).toEqual([
      '/a?b=c',
      '1',
      `books.example:${port}`,
    ]);
    expect(asked[0]?.headers['user-agent']).toMatch(/^PapyrusShelf\//);
  });

  it('follows a redirect, without what was meant for the first server alone', async () => {
    const { port, asked } = await serve((req, res) => {
      if (req.url === '/old') res.writeHead(302, { location: '/new' }).end();
      else res.end('new');
    });
    const answer = await client().ask(`http://a.example:${port}/old`, {
      headers: { authorization: 'secret' },
    });
    expect([answer.bytes.toString(), answer.url]).toEqual(['new', `http://a.example:${port}/new`]);
    expect(asked.map(({ headers }) => headers.authorization)).toEqual(['secret', undefined]);
  });

  it('stops at the size, the time and the number of redirects it was given', async () => {
    const { port } = await serve((req, res) => {
      if (req.url === '/round') res.writeHead(301, { location: '/round' }).end();
      else if (req.url === '/slow') res.write('.');
      else res.end(Buffer.alloc(2_000));
    });
    const at = (path: string) => `http://a.example:${port}${path}`;
    await expect(client().ask(at('/large'), { maxBytes: 1_000 })).rejects.toMatchObject({
      kind: 'too_large',
    });
    await expect(client().ask(at('/slow'), { timeoutMs: 50 })).rejects.toThrow(
      'a.example did not answer in time.',
    );
    await expect(client().ask(at('/round'))).rejects.toThrow('without end');
  });

  it('takes no packed answer, which could unpack to anything', async () => {
    const { port } = await serve((_req, res) =>
      res.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(10_000_000))),
    );
    await expect(client().ask(`http://a.example:${port}/`)).rejects.toThrow('packed form');
  });

  it('says in a sentence that nobody is there', async () => {
    const { port } = await serve((_req, res) => res.socket?.destroy());
    await expect(client().ask(`http://a.example:${port}/`)).rejects.toThrow('a.example did not answer.');
    const unknown = client([], (_name, done) =>
      // As the system's resolver does it: an error, and no list at all.
      Reflect.apply(done, undefined, [Object.assign(new Error('x'), { code: 'ENOTFOUND' })]),
    );
    await expect(unknown.ask('https://nowhere.example/')).rejects.toThrow(
      'There is no server by the name nowhere.example.',
    );
  });
});

describe('an address inside the house', () => {
  const closed = (resolve?: Resolve) => client([], resolve);

  it.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://017700000001/',
    'http://0/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:a00:1]/',
    'http://10.1.2.3/',
    'http://172.16.0.1/',
    'http://192.168.1.1/',
    'http://169.254.169.254/latest/meta-data',
    'http://100.64.0.1/',
    'http://[fe80::1]/',
    'http://[fd00::1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
    'http://[::]/',
  ])('%s is not asked', async (address) => {
    await expect(closed().ask(address)).rejects.toMatchObject({ kind: 'invalid', code: 'private_address' });
  });

  it('is not asked by a name that leads there, not even beside a public one', async () => {
    const { port, asked } = await serve((_req, res) => res.end('inside'));
    const names: Record<string, string[]> = {
      'in.example': ['127.0.0.1'],
      'both.example': ['93.184.215.14', '127.0.0.1'],
    };
    const outbound = closed(leadingTo((name) => names[name]!));
    for (const name of Object.keys(names)) {
      await expect(outbound.ask(`http://${name}:${port}/`)).rejects.toMatchObject({
        code: 'private_address',
      });
    }
    expect(asked).toEqual([]);
  });

  it('is not asked when the name changes its mind after the check: it is asked for once', async () => {
    const { port, asked } = await serve((_req, res) => res.end('inside'));
    let lookups = 0;
    // Another host's address first; by the time of connecting the name would lead inside.
    const outbound = client(
      ['127.0.0.0/30'],
      leadingTo(() => {
        lookups += 1;
        return [lookups === 1 ? '127.0.0.1' : '127.0.0.9'];
      }),
    );
    expect((await outbound.ask(`http://turn.example:${port}/`)).bytes.toString()).toBe('inside');
    expect([lookups, asked.length]).toEqual([1, 1]);
  });

  it('is not reached by a redirect', async () => {
    const { port } = await serve((_req, res) =>
      res.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
    );
    await expect(client().ask(`http://a.example:${port}/`)).rejects.toMatchObject({
      code: 'private_address',
    });
  });

  it('is asked when the person allowed its range, and no other', async () => {
    const { port } = await serve((_req, res) => res.end('mine'));
    expect((await client(['127.0.0.1/32']).ask(`http://127.0.0.1:${port}/`)).bytes.toString()).toBe('mine');
    await expect(client(['127.0.0.1/32']).ask('http://127.0.0.2/')).rejects.toMatchObject({
      code: 'private_address',
    });
  });
});

describe('what is no address of the web', () => {
  it.each([
    'file:///etc/passwd',
    'ftp://a.example/',
    'gopher://a.example/',
    'javascript:alert(1)',
    'x',
    '',
    'http://',
    'http://user:pass@a.example/',
    'http://a.example:22/',
    'https://a.example:25/',
  ])('%s is refused', async (address) => {
    await expect(client().ask(address)).rejects.toMatchObject({ kind: 'invalid' });
  });
});
