// Runs UnRAR, compiled to WebAssembly by node-unrar-js, with the archive's file descriptor as its only door outside.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { BookSource } from '../book.ts';
import { readBytes } from '../file-bytes.ts';

/** `errCode` is 0 or one of the ERAR codes of UnRAR's dll.hpp. */
export type UnrarState = { errCode: number };
export type OpenedArchive = { state: UnrarState; flags: number };
export type RarArchive = {
  /** The header of the next entry. */
  getFileHeader(): { state: UnrarState; name: string; flags: number; unpSize: number };
  /** Unpacks the entry whose header was read last, or passes over it. */
  readFile(skip: boolean): UnrarState;
};
export type UnrarPass = {
  source: BookSource;
  listOnly: boolean;
  /** Receives what is unpacked. */
  output: Buffer[];
  /** Unpacking fails beyond this. */
  maxOutputBytes: number;
};

/**
 * Runs one pass over the archive in a machine of its own: what a hostile archive does to it ends with the pass, and its
 * memory, which only grows, is given back. Throws what a trap inside the machine throws.
 */
export const runUnrar = <T>(pass: UnrarPass, run: (archive: RarArchive, opened: OpenedArchive) => T): T => {
  const machine = createMachine();
  machine.extractor = createFiles(machine, pass);
  const archive = new machine.RarArchive();
  return run(archive, archive.open(archiveName, '', pass.listOnly));
};

/** Of the machine with its dictionary: enough for dictionaries of 128 MB, where WinRAR's usual one has 32. */
const maxMemoryPages = (192 * 1024 * 1024) / 65_536;

const archiveName = 'archive';
const archiveHandle = 1;
const outputHandle = 2;

/** What the machine calls for its files; handles are numbers above 0. */
type Files = {
  open(path: string): number;
  create(path: string): number;
  close(handle: number): void;
  read(handle: number, address: number, length: number): number;
  write(handle: number, address: number, length: number): boolean;
  tell(handle: number): number;
  seek(handle: number, offset: number, method: string): boolean;
};

type UnrarMachine = {
  RarArchive: new () => RarArchive & {
    open(path: string, password: string, listOnly: boolean): OpenedArchive;
  };
  HEAPU8: Uint8Array;
  extractor: Files;
};

const createFiles = (machine: UnrarMachine, { source, output, maxOutputBytes }: UnrarPass): Files => {
  let position = 0;
  let written = 0;
  return {
    // UnRAR may ask for other volumes by name; there is only the one file.
    open: (path) => (path === archiveName ? archiveHandle : 0),
    create: () => outputHandle,
    close: () => {},
    read: (handle, address, length) => {
      if (handle !== archiveHandle) return -1;
      const wanted = Math.max(0, Math.min(length, source.sizeBytes - position));
      const bytes = readBytes(source.fd, position, wanted);
      machine.HEAPU8.set(bytes, address);
      position += bytes.length;
      return bytes.length;
    },
    write: (_handle, address, length) => {
      written += length;
      if (written > maxOutputBytes) return false;
      output.push(Buffer.from(machine.HEAPU8.subarray(address, address + length)));
      return true;
    },
    tell: (handle) => (handle === archiveHandle ? position : written),
    seek: (handle, offset, method) => {
      if (handle !== archiveHandle) return true;
      const start = method === 'CUR' ? position : method === 'END' ? source.sizeBytes : 0;
      if (start + offset < 0 || start + offset > source.sizeBytes) return false;
      position = start + offset;
      return true;
    },
  };
};

type Memory = { readonly buffer: ArrayBuffer; grow(pages: number): number };
type Instance = { readonly exports: Record<string, unknown> };

/** The part of WebAssembly used here. TypeScript knows it only together with the browser's own types. */
type WebAssemblyParts = {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => Instance;
  Memory: { new (): Memory; prototype: Memory };
};
const { Module, Instance, Memory } = (globalThis as unknown as { WebAssembly: WebAssemblyParts }).WebAssembly;

let compiled: object | undefined;

/** A fresh machine. The package's own entry point keeps one for all, which archives read at the same time would share. */
const createMachine = (): UnrarMachine => {
  const require = createRequire(import.meta.url);
  compiled ??= new Module(readFileSync(require.resolve('node-unrar-js/dist/js/unrar.wasm')));
  const module = compiled;
  const create = require('node-unrar-js/dist/js/unrar.js') as (options: object) => Promise<unknown>;
  const machine: Partial<UnrarMachine> = {};
  const instantiateWasm = (
    imports: object,
    receive: (instance: Instance, module: object) => void,
  ): Instance['exports'] => {
    const instance = new Instance(module, imports);
    limitMemory(instance);
    receive(instance, module);
    return instance.exports;
  };
  const options = { print: () => {}, printErr: () => {}, instantiateWasm };
  const ready = withoutProcessListeners(() => create(Object.assign(machine, options)));
  // The instance is made at once, so the machine is ready already; one that failed lacks its RarArchive.
  ready.catch(() => {});
  return machine as UnrarMachine;
};

/** Beyond the limit the machine is told that there is no more memory, which it answers with an error of its own. */
const limitMemory = (instance: Instance): void => {
  for (const memory of Object.values(instance.exports)) {
    if (!(memory instanceof Memory)) continue;
    memory.grow = (pages) => {
      if (memory.buffer.byteLength / 65_536 + pages > maxMemoryPages) throw new RangeError('too much memory');
      return Memory.prototype.grow.call(memory, pages);
    };
  }
};

const processEvents = ['uncaughtException', 'unhandledRejection'] as const;

/** Takes away the listeners a machine puts on the process: whether an error ends it is not for an archive to decide. */
const withoutProcessListeners = <T>(run: () => T): T => {
  const before = processEvents.map((event) => new Set<unknown>(process.rawListeners(event)));
  try {
    return run();
  } finally {
    for (const [index, event] of processEvents.entries()) {
      for (const listener of process.rawListeners(event)) {
        if (before[index]?.has(listener) === false) process.off(event, listener as () => void);
      }
    }
  }
};
