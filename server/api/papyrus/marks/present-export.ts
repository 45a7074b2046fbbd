// An export as JSON around its content, made while it is sent.
import type { ExportedFile } from '../../../marks/export.ts';

/** Returns `{format, filename, encoding, content}` piece by piece; bytes become base64. */
export async function* enveloped(format: string, { name, pieces }: ExportedFile): AsyncGenerator<string> {
  const encoding = format === 'pdf' ? 'base64' : 'utf-8';
  const facts = JSON.stringify({ format, filename: name, encoding });
  yield `${facts.slice(0, -1)},"content":"`;
  let rest = Buffer.alloc(0);
  for await (const piece of pieces) {
    if (typeof piece === 'string') {
      yield JSON.stringify(piece).slice(1, -1);
      continue;
    }
    // Three bytes are four letters: what is left over waits for the next piece.
    const bytes = Buffer.concat([rest, piece]);
    const whole = bytes.length - (bytes.length % 3);
    rest = bytes.subarray(whole);
    yield bytes.toString('base64', 0, whole);
  }
  yield `${rest.toString('base64')}"}`;
}
