// A mail server of a test's own: it wants STARTTLS and a password, and keeps what it is sent.
import { SMTPServer } from 'smtp-server';

export type MailServer = {
  url: string;
  password: string;
  letters: { to: string[]; isEncrypted: boolean; text: string }[];
  /** Resolves with the next letter that comes. */
  next(): Promise<string>;
  /** Refuses letters from now on. */
  refuse(): void;
  close(): Promise<void>;
};

/** Starts one on a free port. */
export async function startMailServer(): Promise<MailServer> {
  const letters: MailServer['letters'] = [];
  const waiting: ((text: string) => void)[] = [];
  let isRefusing = false;
  const server = new SMTPServer({
    authMethods: ['PLAIN', 'LOGIN'],
    onAuth: ({ username, password }, _session, done) => {
      if (username === 'shelf' && password === PASSWORD) done(null, { user: username });
      else done(new Error('wrong password'));
    },
    onMailFrom: (_address, _session, done) => done(isRefusing ? new Error('not today') : null),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const text = plainText(Buffer.concat(chunks).toString());
        letters.push({
          to: session.envelope.rcptTo.map(({ address }) => address),
          isEncrypted: session.secure,
          text,
        });
        for (const wake of waiting.splice(0)) wake(text);
        done();
      });
    },
    logger: false,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    // Its certificate is nobody's.
    url: `smtp://shelf@127.0.0.1:${address.port}/?tls.rejectUnauthorized=false`,
    password: PASSWORD,
    letters,
    next: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
      }),
    refuse: () => {
      isRefusing = true;
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

const PASSWORD = 'of the mail server';

/** Undoes quoted-printable (RFC 2045 §6.7). */
const plainText = (message: string): string =>
  message
    .replaceAll('\r\n', '\n')
    .replaceAll('=\n', '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
