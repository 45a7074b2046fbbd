// Sends letters through a mail server (SMTP).
import { createTransport } from 'nodemailer';
import { unavailable } from '../base/errors.ts';

const ANSWER_WITHIN_MS = 10_000;

export type Letter = { to: string; subject: string; text: string; html: string };

export type Mail = {
  /** Sends a letter. Throws unavailable when the mail server does not take it. */
  send(letter: Letter): Promise<void>;
  /** Signs in at the mail server without sending anything. Throws unavailable as `send` would. */
  check(): Promise<void>;
};

export type MailServer = {
  /** smtp://user@host:587 or smtps://user@host; a query such as ?tls.servername=… is nodemailer's own. */
  url: string;
  password: string | undefined;
  /** Who the letters are from; the user of the mail server where nobody says. */
  from: string | undefined;
};

/** Returns the way to a mail server. A password never goes over a line that is not encrypted, but to this computer. */
export function createMail({ url, password, from }: MailServer): Mail {
  const address = new URL(url);
  if (password !== undefined) address.password = encodeURIComponent(password);
  const user = decodeURIComponent(address.username);
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(address.hostname);
  const sender = from ?? (user.includes('@') ? user : `papyrus-shelf@${address.hostname}`);
  const transport = createTransport(
    {
      url: address.href,
      requireTLS: user !== '' && !isHere,
      connectionTimeout: ANSWER_WITHIN_MS,
      greetingTimeout: ANSWER_WITHIN_MS,
      socketTimeout: ANSWER_WITHIN_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    },
    { from: sender.includes('<') ? sender : { name: 'Papyrus Shelf', address: sender } },
  );
  const orUnavailable = async (work: Promise<unknown>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      throw unavailable('The letter could not be sent: the mail server did not take it. Try again later.', {
        cause: error,
      });
    }
  };
  return {
    send: (letter) => orUnavailable(transport.sendMail(letter)),
    check: () => orUnavailable(transport.verify()),
  };
}
