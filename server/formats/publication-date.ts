// Turns the dates books state in many spellings into YYYY, YYYY-MM or YYYY-MM-DD.

/**
 * The date at the start of an ISO 8601 text or of one like 26.10.2015, as exact as it is valid, else the first year a
 * text mentions; undefined for years before 1000, which stand for "not known" (calibre writes the year 101).
 */
export const publicationDate = (raw: string | undefined): string | undefined => {
  if (raw === undefined) return undefined;
  const text = raw.trim().slice(0, 100);
  const iso = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?!\d)/.exec(text);
  if (iso) return dateOf(Number(iso[1]), Number(iso[2] ?? 0), Number(iso[3] ?? 0));
  const dotted = /^(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)/.exec(text);
  if (dotted) return dateOf(Number(dotted[3]), Number(dotted[2]), Number(dotted[1]));
  const year = /(?<!\d)(1\d{3}|20\d{2})(?!\d)/.exec(text)?.[1];
  return year === undefined ? undefined : dateOf(Number(year), 0, 0);
};

/** The date of its parts, cut before the first part that no calendar has; undefined when the year is one of those. */
export const dateOf = (year: number, month: number, day: number): string | undefined => {
  if (!Number.isInteger(year) || year < 1000 || year > 9999) return undefined;
  if (!Number.isInteger(month) || month < 1 || month > 12) return `${year}`;
  const yearMonth = `${year}-${String(month).padStart(2, '0')}`;
  const lastDay = new Date(Date.UTC(year, month, 0)).getUTCDate();
  if (!Number.isInteger(day) || day < 1 || day > lastDay) return yearMonth;
  return `${yearMonth}-${String(day).padStart(2, '0')}`;
};
