import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createLetters } from '../../../server/accounts/letters.ts';
import type { Mail } from '../../../server/accounts/mail.ts';
import { createOneTimeCodes } from '../../../server/accounts/one-time-codes.ts';
import { createUsers } from '../../../server/accounts/users.ts';
import { createLog } from '../../../server/base/log.ts';
import { openShelf } from '../../support/catalogue.ts';

const ADA = { email: 'ada@example.org', password: 'Correct-Horse-7', displayName: 'Ada' };

async function open(mail: Mail | undefined) {
  const { catalogue, clock } = openShelf();
  await createUsers({ catalogue, clock }).register(ADA);
  const log = createLog({ level: 'error' });
  const codes = createOneTimeCodes({ clock });
  const letters = createLetters({ catalogue, clock, log, codes, mail, resetLinkMinutes: 60 });
  return { catalogue, letters };
}

describe('asking for a new password', () => {
  it('does until its answer the same for a known address and for one nobody has', async () => {
    const asked: string[] = [];
    const mail: Mail = {
      check: () => Promise.resolve(void asked.push('check')),
      // A mail server that takes its time.
      send: () => new Promise(() => asked.push('send')),
    };
    const { catalogue, letters } = await open(mail);
    const before = catalogue.revision();
    for (const email of ['nobody@example.org', ADA.email]) {
      asked.length = 0;
      await letters.request('reset_password', email, 'https://books.example.org');
      expect([asked, catalogue.revision()]).toEqual([['check'], before]);
    }
    await nextTurn();
    expect(asked).toEqual(['check', 'send']);
  });

  it('leaves the letter for the desk once it is answered when there is no mail server', async () => {
    const { letters } = await open(undefined);
    for (const email of ['nobody@example.org', ADA.email]) {
      await letters.request('reset_password', email, 'https://books.example.org');
      expect(letters.list()).toEqual([]);
    }
    await nextTurn();
    expect(letters.list()).toMatchObject([{ kind: 'reset_password', email: ADA.email }]);
  });
});
