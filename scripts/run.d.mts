export type RunOptions = {
  cwd?: string;
  env?: Record<string, string | undefined>;
  shell?: boolean;
  /** Collects what the program prints, standard output and errors together, instead of showing it. */
  capture?: boolean;
  /** Milliseconds after which the program is ended by SIGTERM. */
  timeout?: number;
};
export type Ended = { code: number; output: string; error: Error | undefined };
export function run(program: string, args: readonly string[], options?: RunOptions): Promise<Ended>;
