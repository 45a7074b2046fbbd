// Requests as rows of a table: what is asked, by whom, and what the answer must be.
import { expect, it } from 'vitest';
import type { OutgoingHttpHeaders } from 'node:http';
import type { Refusal } from './client.ts';
import type { TestServer } from './server.ts';

export type Scenario<Who extends string> = {
  /** Instead of method, path and caller in the test's name. */
  title?: string;
  method?: string;
  /** Under the server's own address. */
  url: string;
  as?: Who;
  headers?: OutgoingHttpHeaders;
  body?: unknown;
  raw?: string | Uint8Array;
  status: number;
  /** The error's stable word; its message must be there too. */
  code?: string;
  message?: string;
};

/** Makes a test of each row; `headersOf` gives what a caller sends with every request. */
export function testScenarios<Who extends string>(
  server: () => TestServer,
  headersOf: (who: Who) => OutgoingHttpHeaders,
  rows: readonly Scenario<Who>[],
): void {
  for (const row of rows) {
    const { title, method = 'GET', url, as, headers, body, raw, status, code, message } = row;
    it(
      title ?? `answers ${method} ${url} of ${as ?? 'nobody'} with ${status} ${code ?? ''}`.trim(),
      async () => {
        const answer = await server().get(url, {
          method,
          headers: { ...(as === undefined ? {} : headersOf(as)), ...headers },
          ...(body === undefined ? {} : { body }),
          ...(raw === undefined ? {} : { raw }),
        });
        expect(
          `${answer.status} ${code === undefined ? '' : (answer.json() as Refusal).error.code}`.trim(),
        ).toBe(`${status} ${code ?? ''}`.trim());
        if (code === undefined) return;
        expect(answer.headers['content-type']).toMatch(/^application\/json/);
        const { error } = answer.json() as Refusal;
        if (message === undefined) expect(error.message).toMatch(/\S/);
        else expect(error.message).toBe(message);
      },
    );
  }
}
