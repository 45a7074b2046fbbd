// Marks, put together: highlights, notes and bookmarks, and highlights as a file.
import type { Clock } from '../base/clock.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { createAnnotations } from './annotations.ts';
import { createBookmarks } from './bookmarks.ts';
import { createMarkExport } from './export.ts';
import { createMarks } from './marks.ts';
import { createNotes } from './notes.ts';

type Ground = {
  catalogue: Catalogue;
  clock: Clock;
  zone: () => string;
  /** Font families that letters of a PDF are looked for in; all of this computer's unless a test says which. */
  pdfFamilies?: readonly string[] | undefined;
};

/** Returns the verbs of marks. */
export function marksFeature(ground: Ground) {
  const { catalogue, clock, zone, pdfFamilies } = ground;
  return {
    marks: createMarks({ catalogue }),
    annotations: createAnnotations({ catalogue, clock }),
    notes: createNotes({ catalogue, clock }),
    bookmarks: createBookmarks({ catalogue, clock }),
    markExport: createMarkExport({ catalogue, clock, zone, pdfFamilies }),
  };
}
