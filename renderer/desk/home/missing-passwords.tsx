// Passwords of other services that must be given again: the server lost what it had stored.
import { useQuery } from '@tanstack/react-query';
import { messages } from '../../shared/messages/en.ts';
import { missingPasswordsQuery } from '../queries.ts';
import { Section } from './section.tsx';

const words = messages.missingPasswords;

/** Names each with whose it is; nothing at all while none is missing. */
export function MissingPasswords() {
  const query = useQuery(missingPasswordsQuery);
  const passwords = query.data?.passwords ?? [];
  if (passwords.length === 0 && !query.isError) return null;

  return (
    <Section heading={words.heading} query={query}>
      <p className="quiet">{words.intro}</p>
      <ul className="entries">
        {passwords.map(({ id, of, name, owner }) => (
          <li key={id} className="entry">
            <p>{name}</p>
            <p className="quiet">{words.of(of, owner)}</p>
          </li>
        ))}
      </ul>
    </Section>
  );
}
