// Endpoints of the stream of books: the token to listen with, the stream itself, and what devices send back.
import type { Response } from 'express';
import { AppError, invalid } from '../../../base/errors.ts';
import type { StreamTokens } from '../../../accounts/stream-tokens.ts';
import type { Tokens } from '../../../accounts/tokens.ts';
import type { Clock } from '../../../base/clock.ts';
import { LARGE, json } from '../../../http/bodies.ts';
import type { LinkBase } from '../../../http/links.ts';
import type { Stream } from '../../../sync/stream.ts';
import type { Upload } from '../../../sync/upload.ts';
import { acceptSeen, acceptUpload } from './accept-stream.ts';
import { publicEndpoint, streamEndpoint, userEndpoint } from '../auth.ts';
import { presentLine } from './present-stream.ts';
import {
  CheckpointAnswer,
  CheckpointQuery,
  JsonWebKeySet,
  StreamRequest,
  StreamToken,
  StreamUpload,
  StreamUploadAnswer,
  SyncSettings,
} from './stream-schemas.ts';

const TOKEN_NOTICE_MS = 15_000;

/** Returns the endpoints under the API's own paths. */
export const streamAccountEndpoints = ({
  streamTokens,
  upload,
  linkBase,
  quotaBytes,
}: {
  streamTokens: StreamTokens;
  upload: Upload;
  linkBase: LinkBase;
  /** Bytes an account may keep on this server. */
  quotaBytes: number;
}) => [
  userEndpoint(
    {
      tag: 'Auth',
      access: 'user',
      method: 'post',
      path: '/auth/powersync-token',
      summary: 'Returns a token to listen to the stream with.',
      answers: { 200: StreamToken },
    },
    async ({ caller }) => {
      const { token, expiresInSec } = await streamTokens.issue(caller);
      return { token, expires_in: expiresInSec };
    },
  ),
  publicEndpoint(
    {
      tag: 'Auth',
      access: 'public',
      method: 'get',
      path: '/auth/jwks',
      summary: 'Returns the public keys stream tokens are signed with (RFC 7517).',
      answers: { 200: JsonWebKeySet },
    },
    async () => ({
      keys: (await streamTokens.publicKeys()).map(({ kty, kid, alg, use, n, e }) => ({
        kty: kty ?? '',
        kid,
        alg: alg ?? '',
        use: use ?? '',
        n: n ?? '',
        e: e ?? '',
      })),
    }),
  ),
  publicEndpoint(
    {
      tag: 'Sync',
      access: 'public',
      method: 'get',
      path: '/sync/settings',
      summary: 'Says where the stream is and how much this server keeps.',
      answers: { 200: SyncSettings },
    },
    ({ req }) => ({
      // Clients resolve the stream's path against it: the root of an origin works for all of them.
      data_sync_url: linkBase(req),
      file_storage: { supported: true, quota_bytes: quotaBytes },
    }),
  ),
  userEndpoint(
    {
      tag: 'Sync',
      access: 'user',
      method: 'post',
      path: '/sync/powersync-upload',
      limit: 'batch',
      summary: "Takes in one transaction of a device's own changes, all of it or nothing.",
      description:
        'Values out of range are brought into it rather than refused: a device sends a refused transaction again for ever.',
      body: json(StreamUpload, { bounds: LARGE }),
      answers: { 200: StreamUploadAnswer },
      errors: ['forbidden', 'unprocessable'],
    },
    async ({ caller, body }) => ({
      applied_count: await upload.apply(caller, await acceptUpload(body.batch), acceptSeen),
    }),
  ),
];

export type StreamParts = { stream: Stream; tokens: Tokens; clock: Clock };

/** Returns the endpoints at the root of the server, where clients look for the stream. */
export const streamEndpoints = ({ stream, tokens, clock }: StreamParts) => ({
  listen: [
    streamEndpoint(
      {
        tag: 'Sync',
        access: 'stream',
        method: 'post',
        path: '/stream',
        summary: "Streams a person's books and every change of them, a JSON object a line.",
        body: json(StreamRequest),
        sends: ['application/x-ndjson'],
        errors: ['forbidden'],
      },
      async ({ caller, body, req, res }) => {
        const ended = new AbortController();
        res.on('close', () => ended.abort());
        // Also when nothing is to be told: the token ends all the same.
        const left = () =>
          Math.max(0, Math.floor((caller.expiresAt.getTime() - clock.now().getTime()) / 1000));
        res.writeHead(200, {
          'Content-Type': 'application/x-ndjson',
          'Cache-Control': 'no-store',
          'X-Accel-Buffering': 'no',
        });
        req.socket.setNoDelay(true);
        let noticedAt = 0;
        const notice = async (): Promise<void> => {
          noticedAt = performance.now();
          await write(res, { token_expires_in: left() });
        };
        await notice();
        const follow = stream.follow({
          ownerId: caller.userId,
          clientId: body.client_id ?? '',
          sessionId: caller.sessionId,
          buckets: body.buckets.map(({ name, after }) => ({ name, afterOpId: Number(after) })),
          signal: ended.signal,
        });
        for await (const event of follow) {
          const line = presentLine(event, caller.userId);
          if (line !== undefined) await write(res, line);
          if (performance.now() - noticedAt >= TOKEN_NOTICE_MS || event.kind === 'quiet') await notice();
          if (left() === 0 || !isStillIn(tokens, caller)) break;
        }
        res.end();
      },
    ),
  ],
  checkpoint: [
    streamEndpoint(
      {
        tag: 'Sync',
        access: 'stream',
        method: 'get',
        path: '/',
        summary: 'Returns the number the stream will say once everything the device sent is in it.',
        query: CheckpointQuery,
        answers: { 200: CheckpointAnswer },
        errors: ['forbidden'],
      },
      ({ caller, query }) => {
        if (query.client_id === '') throw invalid('client_id says which device asks.');
        return {
          data: { write_checkpoint: String(stream.writeCheckpoint(caller.userId, query.client_id)) },
        };
      },
    ),
  ],
});

/** Waits for a slow reader instead of keeping a library in memory for them. */
async function write(res: Response, line: unknown): Promise<void> {
  if (res.destroyed || res.writableEnded) return;
  if (res.write(`${JSON.stringify(line)}\n`)) return;
  await new Promise<void>((resolve) => {
    const goOn = (): void => {
      res.off('drain', goOn);
      res.off('close', goOn);
      resolve();
    };
    res.on('drain', goOn);
    res.on('close', goOn);
  });
}

function isStillIn(tokens: Tokens, caller: { userId: string; sessionId: string }): boolean {
  try {
    tokens.checkSession(caller);
    return true;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return false;
  }
}
