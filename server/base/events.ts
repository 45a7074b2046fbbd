// What the parts of the server tell each other: a typed bus, listeners called in order of arrival.
import { EventEmitter } from 'node:events';

export type Events = {
  /** After a commit that changed what a person owns. `seq` is the diary's newest entry. */
  'catalogue-changed': { seq: number; owners: string[] };
  /** A job was added, moved on or ended. */
  'job-changed': { jobId: string };
  /** Somebody was signed out: what they listen to may end. */
  'sessions-ended': object;
};

export type EventBus = {
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void;
  /** Listens until the returned function is called. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void;
};

/** Returns an event bus of its own; two servers in one process never hear each other. */
export function createEvents(): EventBus {
  const emitter = new EventEmitter();
  emitter.setMaxListeners(0);
  return {
    emit: (name, event) => {
      emitter.emit(name, event);
    },
    on: (name, listener) => {
      emitter.on(name, listener);
      return () => {
        emitter.off(name, listener);
      };
    },
  };
}
