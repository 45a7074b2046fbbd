// A place that keeps files in memory, for tests of what stands on such a place.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { checkPath, StorageError } from '../../server/storage/backend.ts';
import type { StorageBackend } from '../../server/storage/backend.ts';

export const openMemoryStorage = (): StorageBackend => {
  const files = new Map<string, { bytes: Buffer; modifiedAt: Date }>();
  return {
    async write(path, source, { sizeBytes, signal, onSent }) {
      checkPath(path);
      const chunks: Buffer[] = [];
      let sent = 0;
      try {
        await pipeline(
          source(),
          async (stream: AsyncIterable<Buffer>) => {
            for await (const chunk of stream) {
              chunks.push(chunk);
              onSent?.((sent += chunk.length));
            }
          },
          { signal },
        );
      } catch (error) {
        throw signal.aborted ? new StorageError('cancelled', 'The upload was stopped.', error) : error;
      }
      const bytes = Buffer.concat(chunks);
      if (bytes.length !== sizeBytes)
        throw new StorageError('corrupted', 'The file is not as long as it was said to be.');
      files.set(path, { bytes, modifiedAt: new Date() });
    },
    read(path, range) {
      const bytes = files.get(path)?.bytes;
      if (bytes === undefined)
        return Promise.reject(new StorageError('not_found', 'The file is no longer there.'));
      if (range !== undefined && (range.start < 0 || range.end < range.start || range.end >= bytes.length))
        return Promise.reject(new StorageError('range', 'The file does not have those bytes.'));
      return Promise.resolve(
        Readable.from(range === undefined ? [bytes] : [bytes.subarray(range.start, range.end + 1)]),
      );
    },
    stat: (path) => {
      const file = files.get(path);
      return Promise.resolve(file && { sizeBytes: file.bytes.length, modifiedAt: file.modifiedAt });
    },
    async *list(prefix) {
      for (const [path, { bytes }] of files)
        if (path.startsWith(prefix)) yield { path, sizeBytes: bytes.length };
    },
    remove: (path) => Promise.resolve(void files.delete(path)),
    usage: () =>
      Promise.resolve({ usedBytes: [...files.values()].reduce((sum, { bytes }) => sum + bytes.length, 0) }),
  };
};
