// The event object of Electron's emitters.

/** Returns an event whose default can be prevented, with the given properties. */
export function createEvent(properties = {}) {
  return {
    defaultPrevented: false,
    preventDefault() {
      this.defaultPrevented = true;
    },
    ...properties,
  };
}
