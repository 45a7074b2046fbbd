// Every word of the desk in English. Sentences are functions where they carry a number or a name.
import type {
  Backup,
  BackupList,
  Job,
  Letter,
  LibraryFolder,
  MissingPassword,
  ProtectedBook,
} from '../../../server/api/desk/schemas.ts';

const number = new Intl.NumberFormat('en');
const plurals = new Intl.PluralRules('en');
/** Dates and times of day are written as the reader's browser has them, whatever language the words are in. */
const readers = globalThis.navigator?.languages?.slice() ?? [];
const day = new Intl.DateTimeFormat(readers, { dateStyle: 'long' });
const time = new Intl.DateTimeFormat(readers, { timeStyle: 'short' });
const moment = new Intl.DateTimeFormat(readers, { dateStyle: 'medium', timeStyle: 'short' });
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const list = new Intl.ListFormat('en', { type: 'conjunction' });

const count = (n: number, one: string, many: string): string =>
  `${number.format(n)} ${plurals.select(n) === 'one' ? one : many}`;

/** "3.4 MB" */
function size(bytes: number): string {
  const unit = bytes < 1_000_000 ? 'kilobyte' : bytes < 1_000_000_000 ? 'megabyte' : 'gigabyte';
  const by = { kilobyte: 1_000, megabyte: 1_000_000, gigabyte: 1_000_000_000 }[unit];
  const format = { style: 'unit', unit, maximumFractionDigits: bytes / by < 10 ? 1 : 0 } as const;
  return new Intl.NumberFormat('en', format).format(bytes / by);
}

/** "3 minutes ago", "yesterday", then the date. */
function ago(instant: string): string {
  const sec = (Date.now() - Date.parse(instant)) / 1000;
  if (sec < 45) return 'just now';
  if (sec < 45 * 60) return relative.format(-Math.round(sec / 60), 'minute');
  if (sec < 22 * 3600) return relative.format(-Math.round(sec / 3600), 'hour');
  if (sec < 6.5 * 86_400) return relative.format(-Math.round(sec / 86_400), 'day');
  return day.format(new Date(instant));
}

const reasons: Record<string, string> = {
  changed: 'Changed while being read',
  corrupt: 'Damaged',
  empty: 'Empty',
  encrypted: 'Copy-protected',
  link: 'Link',
  fails_in_koreader: 'Not readable by KOReader',
  no_access: 'No permission',
  too_large: 'Too large',
  unreadable: 'Unreadable',
  unsupported: 'Not supported',
};

const protections: Record<ProtectedBook['protection'], string> = {
  lcp: 'Readium LCP',
  adobe: 'Adobe DRM',
  kindle: 'Kindle DRM',
  apple: 'Apple FairPlay',
  unknown: 'Locked',
};

/** What a job does, and to what. */
const kinds: Record<Job['kind'], { verb: string; things: string }> = {
  'scan-folder': { verb: 'reading', things: 'the books in' },
  'import-statistics': { verb: 'reading', things: 'the statistics in' },
  'index-text': { verb: 'taking in', things: 'the text of your books' },
  'draw-covers': { verb: 'drawing', things: 'the covers' },
  'draw-share-images': { verb: 'drawing', things: 'the pictures of your reading years' },
  'derive-reading': { verb: 'counting', things: 'your reading days' },
  'make-backup': { verb: 'making', things: 'a backup' },
  'restore-backup': { verb: 'preparing', things: 'a backup to be restored' },
  'purge-accounts': { verb: 'removing', things: 'accounts that were deleted' },
  'collect-files': { verb: 'removing', things: 'files that no book has any more' },
  'prune-diary': { verb: 'tidying', things: 'what devices were told long ago' },
  'write-sidecar': { verb: 'writing', things: 'for KOReader what you said of' },
};

type MissingFiles = NonNullable<LibraryFolder['missing']>;
type JobWords = Pick<Job, 'kind' | 'subject'>;

/** "reading the books in /home/you/Books" */
const doing = ({ kind, subject }: JobWords): string =>
  [kinds[kind].verb, kinds[kind].things, subject].join(' ').trimEnd();

const capitalised = (sentence: string): string => sentence.charAt(0).toUpperCase() + sentence.slice(1);

const units: Record<Job['unit'], (n: number) => string> = {
  files: (n) => count(n, 'file', 'files'),
  rows: (n) => count(n, 'page read', 'page reads'),
  percent: (n) => `${number.format(n)} percent`,
};

export const messages = {
  product: 'Papyrus Shelf',
  title: (page: string) => `${page} · Papyrus Shelf`,
  skip: 'Skip to the content',
  close: 'Close',
  cancel: 'Cancel',
  retry: 'Try again',
  unreachable: 'The library did not answer. Try again in a moment.',
  unexpected: 'Something went wrong that has no better words. Try again, or look into the server’s log.',

  loading: { desk: 'Opening your library…', section: 'Loading…' },

  broken: { page: 'Not opened', heading: 'The library could not be opened' },

  offline: {
    title: 'The library is not answering.',
    body: 'It may be restarting. This page keeps trying and goes on by itself.',
  },

  link: {
    page: 'Opened by a link',
    heading: 'This desk is opened by its link',
    body: 'Nobody else on this computer can look into your library: each link opens the desk in one browser, once.',
    used: 'The link you followed was used before, or is too old.',
    ways: 'How to get a fresh link',
    tray: 'With the tray app: click the shelf icon near the clock and choose “Open in browser”.',
    printed:
      'Started from a command line: the server printed a line that begins with “Desk:”. Open its address.',
    command: 'In a terminal of this computer, a fresh link comes with',
    commandName: 'command for a fresh link',
  },

  signIn: {
    heading: 'Or with your name and password',
    email: 'E-mail address',
    password: 'Password',
    submit: 'Open the desk',
    submitting: 'Opening…',
    errors: { email: 'Type the e-mail address of the owner.', password: 'Type the password.' },
  },

  away: {
    page: 'Opened elsewhere',
    heading: 'This desk opens on its own computer',
    body: 'Folders, accounts and backups are looked after only where Papyrus Shelf runs. From this computer, a tunnel takes you there.',
    ways: 'How to come there',
    tunnel: 'In a terminal of this computer:',
    tunnelCommand: 'command for the tunnel',
    link: 'In the terminal that opens, in the folder of Papyrus Shelf:',
    linkCommand: 'command for a fresh link',
    open: 'Open the link it prints in a browser of this computer.',
    devices: 'Reading apps need none of this: they use the addresses the desk shows.',
  },

  firstRun: {
    page: 'First steps',
    heading: 'Make this library yours',
    intro:
      'There is no default password. The account you make here owns this server, and your reading devices sign in with it.',
    name: 'Your name',
    email: 'E-mail address',
    emailHint: 'It is the name you sign in with. Nothing is ever sent to it.',
    password: 'Password',
    show: 'Show',
    hide: 'Hide',
    showPassword: 'Show the password',
    rules: 'The password needs',
    passphrase: 'or 15 characters, whatever they are',
    rule: {
      length: 'at least 8 characters',
      lower: 'a small letter',
      upper: 'a capital letter',
      digit: 'a digit',
    },
    met: 'met',
    missing: 'still missing',
    submit: 'Open my library',
    submitting: 'Opening…',
    errors: {
      name: 'Tell the library what to call you.',
      nameLong: 'A name has at most 100 characters.',
      email: 'That does not look like an e-mail address yet.',
      password: 'The password does not meet every rule yet.',
    },
  },

  home: {
    signOut: 'Sign out',
    page: 'Library',
    heading: (name: string | undefined) => (name === undefined ? 'Your library' : `${name}’s library`),
    holdings: ({
      books,
      comics,
      annotations,
      pageReads,
    }: {
      books: number;
      comics: number;
      annotations: number;
      pageReads: number;
    }) => {
      const parts = [
        books > 0 || comics === 0 ? count(books, 'book', 'books') : undefined,
        comics > 0 ? count(comics, 'comic', 'comics') : undefined,
        annotations > 0 ? count(annotations, 'highlight or note', 'highlights and notes') : undefined,
        pageReads > 0 ? count(pageReads, 'page read', 'pages read') : undefined,
      ].filter((part) => part !== undefined);
      return list.format(parts);
    },
    version: (version: string) => `Version ${version}`,
  },

  scan: {
    heading: 'Reading',
    start: 'Look for new books',
    running: 'Looking…',
    stop: 'Stop',
    stopping: 'Stopping…',
    stopOf: (job: JobWords) => `Stop ${doing(job)}`,
    kind: (kind: Job['kind']) => capitalised(`${kinds[kind].verb} ${kinds[kind].things}`),
    progressOf: (job: JobWords) => `Progress of ${doing(job)}`,
    waits: ({ tries_again_at: at, error }: Job) =>
      at === null
        ? 'Waiting for its turn'
        : `${error ?? ''} It is tried again at ${time.format(new Date(at))}.`.trim(),
    counting: (n: number, unit: Job['unit']) => (n === 0 ? 'Looking around…' : `${units[unit](n)} so far`),
    ofTotal: (done: number, total: number, unit: Job['unit']) =>
      `${number.format(done)} of ${units[unit](total)}`,
    seen: (n: number) => `${number.format(n)} seen`,
    read: (n: number) => `${number.format(n)} read`,
    failed: (n: number) => `${number.format(n)} could not be read`,
    unchanged: (n: number) => `${number.format(n)} known already`,
    finished: (job: Job) => {
      const when = job.finished_at === null ? '' : ` ${ago(job.finished_at)}`;
      if (job.counts === null) return `Finished${when}.`;
      const { seen, read, failed } = job.counts;
      const news = read === 0 ? 'nothing new' : `${number.format(read)} read`;
      const trouble = failed === 0 ? '' : `, ${number.format(failed)} could not be read`;
      return `Last looked${when}: ${count(seen, 'file', 'files')}, ${news}${trouble}.`;
    },
    cancelled: (job: JobWords) => `Stopped ${doing(job)}. What is done so far is kept.`,
    broke: (job: JobWords) => `${capitalised(doing(job))} did not work.`,
    announce: {
      started: 'Reading has started.',
      quarter: (percent: number) => `${percent} percent read.`,
      finished: (failed: number) =>
        failed === 0
          ? 'Reading is finished.'
          : `Reading is finished. ${count(failed, 'file', 'files')} could not be read.`,
      cancelled: 'Reading was stopped.',
      broke: 'Reading did not work.',
    },
  },

  folders: {
    heading: 'Where your books are',
    add: 'Add a folder',
    addMore: 'Add a folder…',
    dialog: 'Add a folder of books',
    field: 'Folder',
    hint: (example: string) => `A path on the computer this library runs on, such as ${example}`,
    files: (n: number) => count(n, 'file', 'files'),
    never: 'not looked into yet',
    looked: (instant: string) => `looked into ${ago(instant)}`,
    notRead: (kinds: LibraryFolder['not_read']) =>
      `${kinds.map(({ ending, files }) => `${number.format(files)} ${ending}`).join(', ')}: ${
        kinds.length === 1 ? 'a kind that is not read yet' : 'kinds that are not read yet'
      }`,
    fixed: 'chosen when the server was started',
    remove: 'Remove',
    removeOf: (path: string) => `Remove the folder ${path}`,
    removeHeading: 'Remove this folder?',
    removeBody:
      'Its books leave the shelf, except those you have read or marked. The files themselves stay where they are, untouched.',
    removeConfirm: 'Remove the folder',
    empty: 'No folder yet.',
    required: 'Type the path of a folder.',
    sure: 'Read my whole home folder',
    example: { windows: 'C:\\Users\\you\\Books', other: '/home/you/Books' },
  },

  missing: {
    title: ({ reason }: MissingFiles) =>
      reason === 'empty'
        ? 'This folder looks empty. Is its drive connected?'
        : 'Most of this folder is not there. Is its drive connected?',
    body: ({ files, known }: MissingFiles) =>
      files === known
        ? `${count(files, 'known file is', 'known files are')} not found. Nothing was changed.`
        : `${number.format(files)} of ${count(known, 'known file is', 'known files are')} not found. Nothing was changed.`,
    look: 'Look again',
    lookOf: (path: string) => `Look again into ${path}`,
    letGo: 'These books are gone',
    letGoOf: (path: string) => `These books are gone: ${path}`,
    confirm: 'Let these books go?',
    consequence:
      'They leave the shelf, except those you have read or marked. If they come back one day, they are the same books again.',
    confirmAction: 'They are gone',
  },

  statistics: {
    heading: 'Reading statistics',
    add: 'Add the file',
    addMore: 'Add a statistics file…',
    dialog: 'Add KOReader’s statistics',
    field: 'Statistics file',
    hint: (example: string) => `A path on the computer this library runs on, such as ${example}`,
    empty:
      'KOReader counts every page you read in a file named statistics.sqlite3. Add it, and your reading days appear too.',
    holds: (books: number, pageReads: number) =>
      `${count(pageReads, 'page read', 'page reads')} of ${count(books, 'book', 'books')}`,
    never: 'not read yet',
    read: (instant: string) => `read ${ago(instant)}`,
    fixed: 'chosen when the server was started',
    remove: 'Remove',
    removeOf: (path: string) => `Remove the statistics file ${path}`,
    removeHeading: 'Remove this statistics file?',
    removeBody:
      'The library stops reading it; what it told about your reading is kept. The file itself stays where it is, untouched.',
    removeConfirm: 'Remove the file',
    required: 'Type the path of the file.',
    example: {
      windows: 'E:\\koreader\\settings\\statistics.sqlite3',
      other: '/media/you/KOBOeReader/.adds/koreader/settings/statistics.sqlite3',
    },
  },

  letters: {
    heading: 'Waiting for a link',
    intro: 'Their letter could not be sent. Make the link, and hand it over yourself.',
    wants: (kind: Letter['kind'], instant: string) =>
      `${kind === 'reset_password' ? 'wants to choose a new password' : 'wants to confirm their e-mail address'} · ${ago(instant)}`,
    make: 'Make the link',
    makeFor: (name: string) => `Make the link for ${name}`,
    dismiss: 'Put away',
    dismissOf: (name: string) => `Put away the request of ${name}`,
    dialog: (name: string) => `A link for ${name}`,
    link: 'link',
    handOver: (kind: Letter['kind']) =>
      kind === 'reset_password'
        ? 'Whoever opens it chooses the new password. Give it to nobody but the person who asked.'
        : 'Give it to the person who asked: it confirms that the e-mail address is theirs.',
    until: (instant: string) =>
      `It works once, until ${moment.format(new Date(instant))}, and is shown only now.`,
  },

  people: {
    heading: 'People',
    closed: 'New people come by invitation: a link that makes one account.',
    open: (instant: string) =>
      `Everybody who finds this server can make an account until ${time.format(new Date(instant))}.`,
    invite: 'Make an invitation',
    openHour: 'Open for an hour',
    close: 'Close now',
    of: (instant: string) => `Invitation, good until ${moment.format(new Date(instant))}`,
    withdraw: 'Take back',
    withdrawOf: (instant: string) =>
      `Take back the invitation that is good until ${moment.format(new Date(instant))}`,
    dialog: 'An invitation',
    handOver: 'Whoever opens it first makes an account of their own here, with a shelf nobody else sees.',
    link: 'invitation',
    until: (instant: string) =>
      `It works once, until ${moment.format(new Date(instant))}, and is shown only now.`,
  },

  missingPasswords: {
    heading: 'Passwords to give again',
    intro:
      'The file of stored passwords was damaged or lost. A damaged one is kept aside in the data folder; nothing else is harmed. Give these again in Papyrus:',
    of: (kind: MissingPassword['of'], owner: string) =>
      kind === 'storage' ? `storage of ${owner}` : `metadata server of ${owner}`,
  },

  backups: {
    heading: 'Backups',
    holds: 'Copies of your library, without the books’ own files and the keys of other services.',
    intro:
      'Each has everything you said and read: books, shelves, marks, reading. It counts only after it was restored into a scratch folder and looked through.',
    when: (schedule: BackupList['schedule'], at: string) =>
      schedule === 'off'
        ? 'Made when you ask for one.'
        : `Made every ${schedule === 'daily' ? 'day' : 'week'} at ${at}.`,
    none: 'None yet.',
    make: 'Back up now',
    working: 'Working…',
    seeAll: (n: number) => `See all ${number.format(n)}`,
    folder: 'They are in',
    of: (instant: string) => moment.format(new Date(instant)),
    failed: 'Not good',
    says: ({ state, size_bytes, books, reason, checked_at }: Backup) =>
      state === 'making'
        ? 'Being made…'
        : [
            reason === 'restore' ? 'made before another was restored' : undefined,
            books === null ? undefined : count(books, 'book', 'books'),
            size_bytes === null ? undefined : size(size_bytes),
            state === 'good' && checked_at !== null ? `checked ${ago(checked_at)}` : undefined,
          ]
            .filter((part) => part !== undefined)
            .join(' · '),
    restoreThis: 'Restore…',
    restoreOf: (instant: string) => `Restore the backup of ${moment.format(new Date(instant))}`,
    confirm: 'Restore this backup?',
    consequence:
      'Your library will be as it was then. What came later is kept in another backup first, so that you can come back. It happens when Papyrus Shelf starts next.',
    restore: 'Restore',
    planned: (instant: string) =>
      `The backup of ${moment.format(new Date(instant))} takes the library’s place when Papyrus Shelf starts next.`,
    startAgain:
      'Quit it and start it again: in the menu of its icon near the clock, or where you started the server.',
    restart: 'Restart now',
    keep: 'Keep the library as it is',
  },

  settings: {
    heading: 'Settings',
    days: (zone: string, dayStart: string) =>
      `Reading days are those of ${zone === '' ? 'this computer’s time zone' : zone}, from ${dayStart} on.`,
    writeback: (on: boolean) =>
      on ? 'Your changes are written back into KOReader’s files.' : 'KOReader’s files are only read.',
    change: 'Change…',
    save: 'Save',
    given: (by: string) => `Given as ${by} when the server was started; it can be changed there.`,
    usual: (value: string) => `Usually ${value}`,
    saved: 'Saved.',
  },

  failures: {
    heading: 'Could not be read',
    total: (n: number) => count(n, 'file', 'files'),
    reason: (word: string) => reasons[word] ?? 'Not readable',
    folder: 'Folder',
    given: 'Given to the server',
    seeAll: (n: number) => `See all ${number.format(n)}`,
    newest: (n: number) => `The newest ${number.format(n)} are listed.`,
    dialog: 'Files that could not be read',
    intro: 'The rest of your library is not affected. A file is tried again when it changes.',
  },

  protectedBooks: {
    heading: 'Copy-protected books',
    total: (n: number) => count(n, 'file', 'files'),
    intro:
      'On the shelf by what they say of themselves. Only the app they were bought for can open them; their text is not searched.',
    by: (protection: ProtectedBook['protection']) => protections[protection],
    folder: 'Folder',
    seeAll: (n: number) => `See all ${number.format(n)}`,
    first: (n: number) => `The first ${number.format(n)} are listed.`,
  },

  removedBooks: {
    heading: 'Removed books',
    total: (n: number) => count(n, 'file', 'files'),
    intro: 'Not in the library any more; their files are where they were.',
    consequence:
      'A book you bring back is read anew, with what KOReader keeps beside it. What you had said of it in the library is gone.',
    folder: 'Folder',
    removed: (instant: string) => `removed ${ago(instant)}`,
    bringBack: 'Bring back',
    bringBackOf: (name: string) => `Bring back ${name}`,
    seeAll: (n: number) => `See all ${number.format(n)}`,
    newest: (n: number) => `The last ${number.format(n)} are listed.`,
    none: 'All of them are back, or on their way.',
  },

  addresses: {
    heading: 'For your devices',
    koshelf: 'KoShelf address',
    koshelfHint: 'For KoShelf and everything that speaks its API',
    papyrus: 'Papyrus address',
    papyrusHint: 'For the Papyrus apps',
    copy: 'Copy',
    copyOf: (what: string) => `Copy the ${what}`,
    copied: 'Copied',
    select: 'Selected: press Ctrl+C',
    docs: 'What both addresses can do',
    data: 'The catalogue is kept in',
  },

  shelf: {
    heading: 'On the shelf',
    total: (n: number) => number.format(n),
    more: 'Show more books',
    loadingMore: 'Fetching more…',
    newer: (n: number) => `Show ${count(n, 'newer book', 'newer books')}`,
    unknownAuthor: 'Unknown author',
    emptyHeading: 'Add the folder your books are in',
    emptyBody:
      'Papyrus Shelf reads EPUB, FB2, MOBI, AZW3, PDF, CBZ, CBR and plain text, wherever you keep them. It only looks: nothing is moved, renamed or changed.',
    nothingHeading: 'No books found yet',
    nothingBody:
      'The folders you added hold no book that could be read. Add another one, or put books into them and look again.',
    workingHeading: 'The first covers are on their way',
    workingBody: 'They appear here while your folders are being read.',
  },
} as const;
