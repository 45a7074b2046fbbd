// Draws a PDF off the main thread: letters are measured one by one, which takes a millisecond and more for each highlight.
import { parentPort } from 'node:worker_threads';
import type { Block, ExportHead } from './export-document.ts';
import { pdfWriter } from './export-pdf.ts';

/** One step of a document; each is answered with the bytes that were made by it. */
export type PdfStep = { head: ExportHead } | { blocks: readonly Block[] } | 'end';

if (parentPort) {
  const port = parentPort;
  let made: Uint8Array[] = [];
  const writer = pdfWriter((bytes) => made.push(bytes));
  const answer = (): void => {
    const bytes = Buffer.concat(made);
    made = [];
    port.postMessage(bytes);
  };
  port.on('message', (step: PdfStep) => {
    if (step === 'end') writer.end();
    else if ('head' in step) writer.begin(step.head);
    else writer.blocks(step.blocks);
    // What a step made comes out of the document a turn later.
    setImmediate(answer);
  });
}
