// What the tray app offers its window; in a browser nothing of it is there and pages ask for a path instead.

/** The bridge of the tray app's window. Every call may be refused. */
export type Desktop = {
  /** The folder the person picked, as an absolute path; nothing when they closed the picker. */
  pickFolder?: () => Promise<string | null | undefined>;
  /** The file the person picked, as an absolute path; nothing when they closed the picker. */
  pickStatisticsFile?: () => Promise<string | null | undefined>;
  /** A fresh one-time token for this desk. */
  deskToken?: () => Promise<string>;
  /** Begins to end the server and start it again; the desk opens anew. */
  restart?: () => Promise<void>;
};

declare global {
  interface Window {
    readonly desktop?: Desktop;
  }
}

/** The tray app's bridge, or an empty one in a browser. */
export const desktop: Desktop = window.desktop ?? {};
