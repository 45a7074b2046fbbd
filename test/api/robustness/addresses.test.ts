import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { defaultOptions } from '../../../server/config/options.ts';
import { startServer } from '../../../server/server.ts';
import { ask } from '../../support/client.ts';
import { GUARD } from '../../support/server.ts';

/** An address of this computer that is not its loopback one. */
const [elsewhere] = Object.values(networkInterfaces())
  .flat()
  .filter((address) => address?.internal === false && address.family === 'IPv4');

it.skipIf(elsewhere === undefined)(
  'opens the desk at this computer when it listens on another of its addresses',
  async () => {
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'shelf-addresses-')));
    const host = elsewhere!.address;
    const options = {
      ...defaultOptions(),
      dataDir: join(root, 'data'),
      port: 0,
      host,
      koshelfPassword: 'open sesame',
    };
    const server = await startServer(options);
    try {
      const { port } = new URL(server.url);
      expect(server.url).toBe(`http://${host}:${port}`);
      const link = new URL(server.newDeskUrl());
      expect(link.origin).toBe(`http://127.0.0.1:${port}`);
      const body = { token: link.searchParams.get('token') };
      const session = { method: 'POST', body, headers: GUARD };
      expect((await ask(`${server.url}/desk/api/session`, session)).status).toBe(403);
      expect((await ask(`${link.origin}/desk/api/session`, session)).status).toBe(204);
      expect((await ask(`${server.url}/api/health`)).status).toBe(200);
    } finally {
      await server.close();
      rmSync(root, { recursive: true });
    }
  },
);
