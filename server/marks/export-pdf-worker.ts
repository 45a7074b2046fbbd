// Draws a PDF off the main thread: letters are measured word by word, which takes a part of a millisecond for each highlight.
import { parentPort, workerData } from 'node:worker_threads';
import type { Block, ExportHead } from './export-document.ts';
import { pdfWriter } from './export-pdf.ts';

/** One step of a document. All blocks are looked at before it begins, for what cannot be printed is said in its first line. */
export type PdfStep =
  | { look: readonly Block[] }
  | { head: ExportHead }
  | { blocks: readonly Block[] }
  | 'end';
/** What a step made: bytes at the end. */
export type PdfAnswer = { bytes: Uint8Array; lacksLetters: boolean };
/** Families to look into for letters; all of this computer's unless given. */
export type PdfWorkerData = { families?: readonly string[] };

if (parentPort) {
  const port = parentPort;
  const writer = pdfWriter((workerData as PdfWorkerData).families);
  port.on('message', (step: PdfStep) => {
    let bytes: Uint8Array = new Uint8Array();
    if (step === 'end') bytes = writer.end();
    else if ('look' in step) writer.look(step.look);
    else if ('head' in step) writer.begin(step.head);
    else writer.blocks(step.blocks);
    port.postMessage({ bytes, lacksLetters: writer.lacksLetters() } satisfies PdfAnswer);
  });
}
