// The folder KOReader keeps beside a book, by the names of both.

/** Returns the folder beside a book: the name without its last ending (docsettings.lua, getSidecarDir). */
export function sdrBeside(book: Buffer): Buffer {
  const path = book.toString('latin1');
  return Buffer.from(`${path.replace(/\.[^./\\]*$/, '')}.sdr`, 'latin1');
}

/** Returns what all names of books begin with that this folder may lie beside; undefined for a folder of another name. */
export function stemOfSdr(folder: Buffer): Buffer | undefined {
  return folder.subarray(-4).toString() === '.sdr' ? folder.subarray(0, -4) : undefined;
}

/** Returns the checksum a folder of hashdocsettings is named after. */
export const checksumOfSdr = (folder: Buffer): string | undefined =>
  /(?:^|[/\\])([0-9a-f]{32})\.sdr$/i.exec(folder.toString('latin1'))?.[1]?.toLowerCase();
