// Runs a program in this process's place: same terminal, same signals, same end.
import { spawn } from 'node:child_process';

const passedOn = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 };
const parentCheckMs = 100;
const parent = process.ppid;

/**
 * Runs the program to its end and gives its exit code (128 + n when signal n ended it), its output when `capture` is
 * set, and `error` when it could not be started. A signal that reaches this process meanwhile goes to the program, once,
 * and this process then ends with it.
 */
export function run(program, args, { capture = false, ...options } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: capture ? ['ignore', 'pipe', 'pipe'] : 'inherit',
      // In a process group of its own it does not get Ctrl-C twice, from the terminal and from here.
      detached: process.platform !== 'win32',
      ...options,
    });
    const chunks = [];
    child.stdout?.on('data', (chunk) => chunks.push(chunk));
    child.stderr?.on('data', (chunk) => chunks.push(chunk));
    let isEnding = false;
    const passOn = (signal) => {
      isEnding = true;
      child.kill(signal);
    };
    for (const signal of passedOn) process.on(signal, passOn);
    const parentWatch = setInterval(() => {
      if (isOrphan() && !isEnding) passOn('SIGTERM');
    }, parentCheckMs);
    const end = (code, error) => {
      clearInterval(parentWatch);
      for (const signal of passedOn) process.off(signal, passOn);
      if (isEnding) process.exit(code);
      resolve({ code, output: Buffer.concat(chunks).toString(), error });
    };
    child.on('error', (error) => end(127, error));
    child.on('close', (code, signal) => end(code ?? 128 + (signalNumbers[signal] ?? 0), undefined));
  });
}

/**
 * Whether the process that started this one under npm is gone. A signal for npm reaches the shell between npm and this
 * process, and most shells end without passing it on.
 */
function isOrphan() {
  return process.env.npm_lifecycle_event !== undefined && process.ppid !== parent;
}
