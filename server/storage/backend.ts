// What every place that keeps files can do, and the one way it says what went wrong.
import type { Readable } from 'node:stream';

/** First and last byte, both included. */
export type ByteRange = { start: number; end: number };

export type WrittenFile = {
  sizeBytes: number;
  /** Hex. */
  sha256: string;
  signal: AbortSignal;
  /** Where the same bytes lie on this computer, for places that can take them without copying. */
  stagedPath?: string;
  /** Called with the bytes sent so far. */
  onSent?: (bytes: number) => void;
};

/** A place that keeps files by path. Paths use "/", are relative, and never contain "..". */
export interface StorageBackend {
  /** Writes the whole file or leaves nothing behind. `source` is opened again for each attempt. */
  write(path: string, source: () => Readable, file: WrittenFile): Promise<void>;
  /** Streams the file, or the byte range asked for. Throws StorageError not_found when it is not there. */
  read(path: string, range?: ByteRange): Promise<Readable>;
  stat(path: string): Promise<{ sizeBytes: number; modifiedAt: Date } | undefined>;
  /** The files whose path begins with this, in no order. */
  list(prefix: string): AsyncIterable<{ path: string; sizeBytes: number }>;
  /** Succeeds when the file is already gone. */
  remove(path: string): Promise<void>;
  /** Bytes used and allowed; undefined where the place does not say. */
  usage(): Promise<{ usedBytes?: number; quotaBytes?: number }>;
  /** Where the file lies on this computer; a place that is elsewhere has no such thing. */
  pathOf?(path: string): string;
}

export type StorageErrorKind =
  | 'not_found'
  | 'permission'
  | 'quota_exceeded'
  | 'unavailable'
  | 'corrupted'
  | 'invalid_name'
  | 'range'
  | 'cancelled';

/** What went wrong at a place that keeps files. `message` is a sentence for the person. */
export class StorageError extends Error {
  readonly kind: StorageErrorKind;
  /** Whether the same may succeed later without anybody doing something. */
  readonly isTemporary: boolean;

  constructor(kind: StorageErrorKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'StorageError';
    this.kind = kind;
    this.isTemporary = kind === 'unavailable';
  }
}

/** Throws StorageError invalid_name for a path that is absolute, leaves the place, or has parts no file can have. */
export function checkPath(path: string): void {
  const parts = path.split('/');
  const isWrong = (part: string) => part === '' || part === '.' || part === '..' || /[\\\0-\x1f]/.test(part);
  if (!path.isWellFormed() || parts.some(isWrong))
    throw new StorageError('invalid_name', 'A file cannot be kept under this name.');
}
