import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeEpub } from '../../support/make-epub.ts';
import { writeFiles } from '../../support/server.ts';
import { makePlace } from './process.ts';
import type { Place } from './process.ts';

/** user_namespaces(7), /proc/sys/user: a namespace of its own can have fewer watches than the system. */
const FEW_WATCHES = [
  'unshare', '--user', '--map-root-user',
  'sh', '-c', 'echo 3 > /proc/sys/user/max_inotify_watches && exec "$@"', 'sh',
]; // prettier-ignore
const [command = '', ...rest] = FEW_WATCHES;
const canLimit = process.platform === 'linux' && spawnSync(command, [...rest, 'true']).status === 0;

let place: Place;
beforeEach(() => {
  place = makePlace();
});
afterEach(() => place.clear());

const book = (title: string) => makeEpub({ title });

/** The events of the log, without what comes with them. */
const logged = (): string[] =>
  readdirSync(join(place.data, 'logs'))
    .flatMap((name) => readFileSync(join(place.data, 'logs', name), 'utf8').split('\n'))
    .flatMap((line) => (line === '' ? [] : [(JSON.parse(line) as { event: string }).event]));

describe.skipIf(!canLimit)('a system that watches no more folders', () => {
  it('is told of in the log, and the library is looked through every now and then instead', async () => {
    writeFiles(place.library, {
      'a/b/c/Emma.epub': book('Emma'),
      'd/e/f/Persuasion.epub': book('Persuasion'),
    });
    const server = place.start(['--poll-interval', '1'], FEW_WATCHES);
    await server.rescan();
    expect(await server.titles()).toEqual(['Emma', 'Persuasion']);
    expect(logged()).toContain(
      'the system watches no more folders: this one is looked through every now and then',
    );
    writeFiles(place.library, {
      'a/b/c/Sanditon.epub': book('Sanditon'),
      'd/g/h/Lady.epub': book('Lady Susan'),
    });
    const deadline = performance.now() + 20_000;
    while ((await server.titles()).length < 4 && performance.now() < deadline) await sleep(50);
    expect(await server.titles()).toEqual(['Emma', 'Lady Susan', 'Persuasion', 'Sanditon']);
  });
});
