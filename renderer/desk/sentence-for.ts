// What a person reads when a request failed.
import { ApiError, Unreachable } from '../shared/api.ts';
import { messages } from '../shared/messages/en.ts';

/** The server's own sentence where it gave one, else ours for its silence or for what nobody foresaw. */
export function sentenceFor(error: Error): string {
  if (error instanceof ApiError) return error.message;
  return error instanceof Unreachable ? messages.unreachable : messages.unexpected;
}
