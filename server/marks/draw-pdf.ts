// Hands a document to the thread that draws PDF, step by step: no more is under way than the reader has taken.
import { Worker } from 'node:worker_threads';
import { unavailable } from '../base/errors.ts';
import type { Block, ExportHead } from './export-document.ts';
import type { PdfAnswer, PdfStep, PdfWorkerData } from './export-pdf-worker.ts';

/** Documents drawn at once: each takes a core and some hundred megabytes. */
const AT_ONCE = 2;
const STEP_MS = 60_000;

// Bundled, the worker lies beside this file as JavaScript.
const workerUrl = new URL(
  import.meta.url.endsWith('.ts') ? './export-pdf-worker.ts' : './export-pdf-worker.js',
  import.meta.url,
);

let drawing = 0;

export type DrawnPdf = {
  /** The bytes; nothing until all is drawn. */
  pieces: AsyncGenerator<Uint8Array>;
  /** After the first piece: whether there are letters that no font has. */
  lacksLetters: () => boolean;
};

/**
 * Returns a PDF of these slices, which are gone through twice: to see what letters there are, and to draw them. Throws
 * unavailable when too many are drawn already or drawing failed.
 */
export function drawPdf(
  head: ExportHead,
  slices: () => AsyncIterable<Block[]>,
  families?: readonly string[],
): DrawnPdf {
  if (drawing >= AT_ONCE) {
    throw unavailable('Other exports to PDF are being made just now. Try again in a moment.');
  }
  let isLacking = false;
  return {
    pieces: draw(head, slices, { families, note: (lacksLetters) => (isLacking = lacksLetters) }),
    lacksLetters: () => isLacking,
  };
}

async function* draw(
  head: ExportHead,
  slices: () => AsyncIterable<Block[]>,
  { families, note }: { families: readonly string[] | undefined; note: (lacksLetters: boolean) => void },
): AsyncGenerator<Uint8Array> {
  drawing += 1;
  const thread = openThread(families === undefined ? {} : { families });
  try {
    for await (const look of slices()) note((await thread.take({ look })).lacksLetters);
    yield (await thread.take({ head })).bytes;
    for await (const blocks of slices()) yield (await thread.take({ blocks })).bytes;
    yield (await thread.take('end')).bytes;
  } finally {
    drawing -= 1;
    await thread.close();
  }
}

function openThread(workerData: PdfWorkerData) {
  const worker = new Worker(workerUrl, {
    env: {},
    workerData,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 1024 },
  });
  let waiting = Promise.withResolvers<PdfAnswer>();
  const fail = (cause?: unknown): void =>
    waiting.reject(unavailable('The PDF could not be made.', { cause }));
  worker.on('message', (answer: PdfAnswer) => waiting.resolve(answer));
  worker.on('error', fail);
  worker.on('exit', () => fail());
  return {
    /** Has a step drawn and returns what it made. Throws unavailable. */
    async take(step: PdfStep): Promise<PdfAnswer> {
      waiting = Promise.withResolvers();
      const timer = setTimeout(fail, STEP_MS);
      worker.postMessage(step, []);
      try {
        return await waiting.promise;
      } finally {
        clearTimeout(timer);
      }
    },
    close: async (): Promise<void> => {
      // Nobody waits any more: the end of the thread is no failure.
      waiting.promise.catch(() => {});
      await worker.terminate();
    },
  };
}
