// One JSON line per event into rotating files, and a readable line on a terminal. No titles, no paths, no secrets.
import { mkdirSync } from 'node:fs';
import { pino, multistream } from 'pino';
import type { DestinationStream, Logger, StreamEntry } from 'pino';
import { createStream } from 'rotating-file-stream';
import { errorCode } from './error-code.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type Fields = Record<string, unknown>;

export type Log = {
  debug(event: string, fields?: Fields): void;
  info(event: string, fields?: Fields): void;
  warn(event: string, fields?: Fields): void;
  error(event: string, fields?: Fields): void;
  /** The same log with these fields on every line. */
  with(fields: Fields): Log;
  /** Writes out what is still in memory. */
  close(): Promise<void>;
};

const SECRET_FIELD = /password|secret|token|authorization|cookie|api_?key/i;

/** Returns a log that writes to `dir` (10 MB × 7 files) and, when `readable` is given, one short line per event to it. */
export function createLog(options: {
  level: LogLevel;
  dir?: string;
  readable?: NodeJS.WritableStream | undefined;
}): Log {
  const streams: StreamEntry[] = [];
  let file: ReturnType<typeof createStream> | undefined;
  if (options.dir !== undefined) {
    mkdirSync(options.dir, { recursive: true, mode: 0o700 });
    file = createStream('papyrus-shelf.log', { path: options.dir, size: '10M', maxFiles: 7, mode: 0o600 });
    // A full disk must not end the program: the log falls silent, the terminal still speaks.
    file.on('error', () => {});
    streams.push({ level: options.level, stream: file });
  }
  if (options.readable !== undefined) {
    streams.push({ level: options.level, stream: readableLines(options.readable) });
  }
  const logger = pino(
    {
      level: options.level,
      base: null,
      messageKey: 'event',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: serializeError },
    },
    multistream(streams),
  );
  return wrap(logger, () => closeFile(file));
}

/** Returns a log that says nothing, for tests of parts. */
export function silentLog(): Log {
  return wrap(pino({ enabled: false }), () => Promise.resolve());
}

function wrap(logger: Logger, close: () => Promise<void>): Log {
  const say = (level: LogLevel) => (event: string, fields?: Fields) => {
    logger[level](redact(fields ?? {}), event);
  };
  return {
    debug: say('debug'),
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
    with: (fields) => wrap(logger.child(redact(fields)), close),
    close,
  };
}

function redact(fields: Fields): Fields {
  const safe: Fields = {};
  for (const [name, value] of Object.entries(fields)) {
    safe[name] = SECRET_FIELD.test(name) ? '[kept out]' : value;
  }
  return safe;
}

/** An error's kind, code and place in our code: its message may hold a path or a title and stays out. */
function serializeError(error: unknown): Fields {
  if (!(error instanceof Error)) return { name: typeof error };
  const code = errorCode(error);
  const frames = (error.stack ?? '')
    .split('\n')
    .filter((line) => line.trimStart().startsWith('at '))
    .slice(0, 6)
    .map((line) => line.trim().replace(/\(?(?:file:\/\/)?[^\s()]*[/\\]([^/\\\s()]+)\)?$/, '($1)'));
  return {
    name: error.name,
    ...(code === undefined ? {} : { code }),
    at: frames,
    ...(error.cause === undefined ? {} : { cause: serializeError(error.cause) }),
  };
}

function readableLines(out: NodeJS.WritableStream): DestinationStream {
  return {
    write: (line: string) => {
      const { time, level, event, ...fields } = JSON.parse(line) as Record<string, unknown>;
      const rest = Object.entries(fields)
        .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
        .join(' ');
      const mark = level === 'info' ? '' : `${String(level).toUpperCase()} `;
      out.write(`${String(time).slice(11, 19)} ${mark}${String(event)}${rest === '' ? '' : `  ${rest}`}\n`);
    },
  };
}

function closeFile(file: ReturnType<typeof createStream> | undefined): Promise<void> {
  if (file === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    file.end(() => resolve());
  });
}
