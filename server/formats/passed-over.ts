// What a walk of a folder passes over by its name: copies that other programs keep, and kinds of books that are not read.

/** Whether a folder of this name holds copies of books, not books: recycle bins, snapshots, versions, previews. */
export const isCopiesFolder = (name: string): boolean => copiesFolder.test(name);

/** Whether a file of this name is hidden, a lock, or a copy that a program which syncs made of a file beside it. */
export const isCopyName = (name: string): boolean => copyName.test(name);

/** The ending of a book, comic or document of a kind that is not read here (".djvu"); undefined for any other file. */
export const unreadKindOf = (name: string): string | undefined => {
  const ending = name.slice(name.lastIndexOf('.')).toLowerCase();
  return ending.length < name.length && unreadKinds.has(ending) ? ending : undefined;
};

// Windows, macOS, freedesktop.org (.Trash-1000); Synology (@eaDir, #recycle, #snapshot, @tmp), QNAP (@Recycle,
// @Recently-Snapshot), NetApp (~snapshot), Netatalk and Samba (Network Trash Folder, Temporary Items), Syncthing.
const copiesFolder =
  /^(?:\.stversions|@eaDir|__MACOSX|\.Trash.*|\$RECYCLE\.BIN|RECYCLER|RECYCLED|System Volume Information|lost\+found|[#@]recycle|[#~]snapshot|@Recently-Snapshot|@tmp|Network Trash Folder|Temporary Items)$/i;

// "~$Book.epub" while an office program has it open; Syncthing's "Book.sync-conflict-20260102-101500-ABCDEFG.epub";
// Nextcloud's and Dropbox's "Book (conflicted copy 2026-01-02 101500).epub", "Book (Ann's conflicted copy 2026-01-02).epub".
const copyName =
  /^\.|^~\$|\.sync-conflict-\d{8}-\d{6}(?:-|\.)|\([^()]*conflicted copy \d{4}-\d\d-\d\d[^()]*\)/i;

const unreadKinds = new Set(
  (
    '.7z .aax .acsm .azw4 .cb7 .cba .doc .docx .htm .html .htmlz .ibooks .lcpl .lrf .lrx .m4b .md .mht .mhtml .odt ' +
    '.pdb .pml .rb .rtf .snb .tcr .txtz .xhtml'
  ).split(' '),
);
