// Asks for a secret in the terminal, without showing what is typed; or takes it from what is piped in.
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { invalid } from '../base/errors.ts';

/**
 * Returns the first line typed or piped in. A terminal is asked twice.
 * Throws invalid when nothing was said, or two different things.
 */
export async function askSecret(
  question: string,
  input: NodeJS.ReadStream = process.stdin,
  output: NodeJS.WritableStream = process.stderr,
): Promise<string> {
  const [first, second] = await linesOf(input, output, input.isTTY ? [question, 'Once more: '] : ['']);
  if (first === undefined || first === '') throw invalid('Nothing was said; nothing is changed.');
  if (input.isTTY && first !== second) throw invalid('These were two different ones; nothing is changed.');
  return first;
}

/** One line for each question; fewer when the input ends before. */
async function linesOf(
  input: NodeJS.ReadStream,
  output: NodeJS.WritableStream,
  questions: string[],
): Promise<string[]> {
  // Readline echoes to its output: this one shows nothing.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input, output: nowhere, terminal: input.isTTY });
  const said: string[] = [];
  try {
    output.write(questions[0] ?? '');
    for await (const line of reader) {
      if (input.isTTY) output.write('\n');
      said.push(line);
      if (said.length === questions.length) break;
      output.write(questions[said.length] ?? '');
    }
  } finally {
    reader.close();
  }
  return said;
}
