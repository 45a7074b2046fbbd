// Hands a document to the thread that draws PDF, step by step: no more is under way than the reader has taken.
import { Worker } from 'node:worker_threads';
import { unavailable } from '../base/errors.ts';
import type { Block, ExportHead } from './export-document.ts';
import type { PdfStep } from './export-pdf-worker.ts';

/** Documents drawn at once: each takes a core and some hundred megabytes. */
const AT_ONCE = 2;
const STEP_MS = 60_000;

// Bundled, the worker lies beside this file as JavaScript.
const workerUrl = new URL(
  import.meta.url.endsWith('.ts') ? './export-pdf-worker.ts' : './export-pdf-worker.js',
  import.meta.url,
);

let drawing = 0;

/** Returns the bytes of a PDF of these slices. Throws unavailable when too many are drawn already or drawing failed. */
export function drawPdf(head: ExportHead, slices: AsyncIterable<Block[]>): AsyncGenerator<Uint8Array> {
  if (drawing >= AT_ONCE) {
    throw unavailable('Other exports to PDF are being made just now. Try again in a moment.');
  }
  return draw(head, slices);
}

async function* draw(head: ExportHead, slices: AsyncIterable<Block[]>): AsyncGenerator<Uint8Array> {
  drawing += 1;
  const thread = openThread();
  try {
    yield await thread.take({ head });
    for await (const blocks of slices) yield await thread.take({ blocks });
    yield await thread.take('end');
  } finally {
    drawing -= 1;
    await thread.close();
  }
}

function openThread() {
  const worker = new Worker(workerUrl, {
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 1024 },
  });
  let waiting = Promise.withResolvers<Uint8Array>();
  const fail = (cause?: unknown): void =>
    waiting.reject(unavailable('The PDF could not be made.', { cause }));
  worker.on('message', (bytes: Uint8Array) => waiting.resolve(bytes));
  worker.on('error', fail);
  worker.on('exit', () => fail());
  return {
    /** Has a step drawn and returns the bytes it made. Throws unavailable. */
    async take(step: PdfStep): Promise<Uint8Array> {
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
