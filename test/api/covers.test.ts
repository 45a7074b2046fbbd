import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeCbz } from '../support/make-comic.ts';
import { makePdf } from '../support/make-pdf.ts';
import { startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';

const png = (background: string) =>
  sharp({ create: { width: 40, height: 60, channels: 3, background } })
    .png()
    .toBuffer();
/** A picture whose header is well and whose pixels are not. */
const cutOff = async (background: string) => {
  const noise = await sharp(
    Buffer.from(Array.from({ length: 40 * 60 * 3 }, (_, index) => (index * 7919) % 251)),
    {
      raw: { width: 40, height: 60, channels: 3 },
    },
  )
    .tint(background)
    .png()
    .toBuffer();
  return noise.subarray(0, noise.length / 2);
};

let server: TestServer;
let ids: Record<string, string>;
beforeAll(async () => {
  const blue = { name: '3.png', content: await png('#0000ff') };
  server = await startTestServer({
    files: {
      'no picture.cbz': makeCbz([{ name: '1.avif', content: 'no avif at all' }, blue]),
      'cut off.cbz': makeCbz([{ name: '1.png', content: await cutOff('#ff0000') }, { name: '2.png', content: await cutOff('#00ff00') }, blue]), // prettier-ignore
      'all cut off.cbz': makeCbz([{ name: '1.png', content: await cutOff('#ffffff') }]),
      'blank.pdf': makePdf({ drawing: '' }),
      'late.pdf': makePdf({ pages: 2, drawnPage: 1 }),
    },
  });
  const { items } = await server.data<{ items: { id: string; title: string }[] }>('/items');
  ids = Object.fromEntries(items.map(({ id, title }) => [title, id]));
});
afterAll(() => server.close());

it.each([
  ['no picture', 'the next page'],
  ['cut off', 'the next page after pages that cannot be decoded'],
  ['late', 'the next page after a blank one'],
])('the cover of %j is %s', async (title) => {
  const answer = await server.get(`/assets/covers/${ids[title]}.webp`);
  expect(answer.status).toBe(200);
});

it.each(['all cut off', 'blank'])('%j has no cover', async (title) => {
  expect((await server.get(`/assets/covers/${ids[title]}.webp`)).status).toBe(404);
});
