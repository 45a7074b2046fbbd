/** Returns the code Node, SQLite or a library gave an error, as in ENOENT; undefined where there is none. */
export const errorCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined;
