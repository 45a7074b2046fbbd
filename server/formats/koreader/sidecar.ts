// Reads what KOReader keeps beside a book (metadata.<suffix>.lua) into a plain record.
import { defined } from '../../base/defined.ts';
import { readDocProps } from './doc-props.ts';
import type { DocProps } from './doc-props.ts';
import {
  booleanField,
  countField,
  flagField,
  labelField,
  numberField,
  pairField,
  tableField,
  tablesOf,
  textField,
} from './lua-fields.ts';
import { readLua } from './lua.ts';
import type { LuaTable } from './lua.ts';
import { findMarks } from './mark-lists.ts';
import type { FoundMarks } from './mark-lists.ts';

export type { SidecarAnnotation } from './annotations.ts';
export type { DocProps } from './doc-props.ts';

/** `abandoned` is what KOReader shows as "On hold". */
export type SidecarStatus = 'reading' | 'complete' | 'abandoned';

export type SidecarSummary = {
  status?: SidecarStatus;
  /** 1–5. */
  rating?: number;
  note?: string;
  /** YYYY-MM-DD as written. */
  modified?: string;
};

/** How the device shows the book. Margins are [left, right]; percentages are whole numbers. */
export type ReaderPresentation = {
  fontFace?: string;
  fontSize?: number;
  lineSpacingPercent?: number;
  horizontalMargins?: [number, number];
  topMargin?: number;
  bottomMargin?: number;
  embeddedFonts?: boolean;
  hyphenation?: boolean;
  floatingPunctuation?: boolean;
  wordSpacing?: [number, number];
};

/** Stable page numbers of the book, independent of the layout. */
export type PageMap = {
  docPages?: number;
  /** Present when the page numbers are made up from the amount of text. */
  charsPerSyntheticPage?: number;
  usesPageLabels?: boolean;
  currentPageLabel?: string;
  lastPageLabel?: string;
};

/** KOReader's own copy of what it counts for a book; the statistics database is newer. */
export type SidecarStats = {
  title?: string;
  authors?: string;
  series?: string;
  language?: string;
  /** Partial MD5, 32 lower-case hex digits. */
  md5?: string;
  pages?: number;
  highlights?: number;
  notes?: number;
};

export type Sidecar = {
  /** KOReader's partial MD5 of the book file, 32 lower-case hex digits. */
  partialMd5?: string;
  /** Where the book lay on the device; never a path of this machine. */
  docPath?: string;
  docProps: DocProps;
  docPages?: number;
  /** 0–1. */
  percentFinished?: number;
  /** Position in a document that flows. */
  lastXPointer?: string;
  /** Position in a document with fixed pages. */
  lastPage?: number;
  summary?: SidecarSummary;
  textLang?: string;
  presentation?: ReaderPresentation;
  pagemap: PageMap;
  /** Parts of the book a person set aside; a hidden point begins one, the next other point ends it. */
  handmadeFlows: { enabled: boolean; points: { page: number; hidden: boolean }[] };
  stats?: SidecarStats;
  /** Set when KOReader cannot load the file, and would delete it: it holds numbers that Lua has no word for. */
  failsInKoreader?: true;
} & FoundMarks;

/** Returns what a sidecar says, wrong types left out. Throws UnreadableFile when the file is not a Lua data table. */
export function readSidecar(bytes: Buffer): Sidecar {
  const { table, fails } = readLua(bytes);
  const stats = tableField(table, 'stats');
  return defined<Sidecar>({
    partialMd5: readPartialMd5(table, 'partial_md5_checksum') ?? readPartialMd5(stats, 'md5'),
    docPath: textField(table, 'doc_path'),
    docProps: readDocProps(tableField(table, 'doc_props')),
    docPages: countField(table, 'doc_pages'),
    percentFinished: readFraction(table, 'percent_finished'),
    lastXPointer: textField(table, 'last_xpointer'),
    lastPage: countField(table, 'last_page'),
    summary: readSummary(tableField(table, 'summary')),
    textLang: textField(table, 'text_lang'),
    presentation: readPresentation(table),
    pagemap: readPageMap(table),
    handmadeFlows: readFlows(table),
    stats: stats && readStats(stats),
    failsInKoreader: fails,
    ...findMarks(table),
  });
}

function readPartialMd5(table: LuaTable | undefined, key: string): string | undefined {
  const md5 = textField(table, key)?.trim().toLowerCase();
  return md5 !== undefined && /^[0-9a-f]{32}$/.test(md5) ? md5 : undefined;
}

function readFraction(table: LuaTable, key: string): number | undefined {
  const fraction = numberField(table, key);
  return fraction === undefined ? undefined : Math.min(Math.max(fraction, 0), 1);
}

function readSummary(table: LuaTable | undefined): SidecarSummary | undefined {
  if (!table) return undefined;
  const status = textField(table, 'status');
  const rating = countField(table, 'rating');
  return defined<SidecarSummary>({
    status: status === 'reading' || status === 'complete' || status === 'abandoned' ? status : undefined,
    rating: rating !== undefined && rating >= 1 && rating <= 5 ? rating : undefined,
    note: textField(table, 'note'),
    modified: textField(table, 'modified'),
  });
}

function readPresentation(table: LuaTable): ReaderPresentation | undefined {
  const presentation = defined<ReaderPresentation>({
    fontFace: textField(table, 'font_face'),
    fontSize: numberField(table, 'copt_font_size'),
    lineSpacingPercent: countField(table, 'copt_line_spacing'),
    horizontalMargins: pairField(table, 'copt_h_page_margins'),
    topMargin: countField(table, 'copt_t_page_margin'),
    bottomMargin: countField(table, 'copt_b_page_margin'),
    embeddedFonts: flagField(table, 'copt_embedded_fonts'),
    hyphenation: flagField(table, 'hyphenation'),
    floatingPunctuation: flagField(table, 'floating_punctuation'),
    wordSpacing: pairField(table, 'copt_word_spacing'),
  });
  return Object.keys(presentation).length > 0 ? presentation : undefined;
}

const readPageMap = (table: LuaTable): PageMap =>
  defined<PageMap>({
    docPages: countField(table, 'pagemap_doc_pages'),
    charsPerSyntheticPage: countField(table, 'pagemap_chars_per_synthetic_page'),
    usesPageLabels: flagField(table, 'pagemap_use_page_labels'),
    currentPageLabel: labelField(table, 'pagemap_current_page_label'),
    lastPageLabel: labelField(table, 'pagemap_last_page_label'),
  });

const readFlows = (table: LuaTable): Sidecar['handmadeFlows'] => ({
  enabled: booleanField(table, 'handmade_flows_enabled') === true,
  points: tablesOf(tableField(table, 'handmade_flow_points')).flatMap((point) => {
    const page = countField(point, 'page');
    return page === undefined ? [] : [{ page, hidden: booleanField(point, 'hidden') === true }];
  }),
});

const readStats = (table: LuaTable): SidecarStats =>
  defined<SidecarStats>({
    title: textField(table, 'title'),
    authors: textField(table, 'authors'),
    series: textField(table, 'series'),
    language: textField(table, 'language'),
    md5: readPartialMd5(table, 'md5'),
    pages: countField(table, 'pages'),
    highlights: countField(table, 'highlights'),
    notes: countField(table, 'notes'),
  });
