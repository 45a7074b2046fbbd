// Writes resources/openapi/*.json from the endpoints and schemas that answer requests.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultOptions } from '../server/config/options.ts';
import { startServer } from '../server/server.ts';

const folder = new URL('../resources/openapi/', import.meta.url);
const dataDir = mkdtempSync(join(tmpdir(), 'papyrus-openapi-'));
const server = await startServer({ ...defaultOptions(), dataDir, port: 0 });
try {
  mkdirSync(folder, { recursive: true });
  for (const { name, path } of server.documents) {
    const answer = await fetch(server.url + path);
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
    writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify(await answer.json(), null, 2)}\n`);
  }
} finally {
  await server.close();
  rmSync(dataDir, { recursive: true, force: true });
}
