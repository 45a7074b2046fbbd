// What is served where: the addresses a reading device is given.
import type { Status } from '../../../server/api/desk/schemas.ts';
import { messages } from '../../shared/messages/en.ts';
import { Copyable } from '../../shared/ui/copyable.tsx';
import { Section } from './section.tsx';

const words = messages.addresses;

/** The two addresses, the page that documents them, and the catalogue's place on the disk. */
export function Addresses({ status: { urls, data_dir: dataDir } }: { status: Status }) {
  return (
    <Section heading={words.heading}>
      <dl className="addresses">
        <dt>{words.koshelf}</dt>
        <dd>
          <Copyable label={words.koshelf} text={urls.koshelf} />
          <span className="quiet">{words.koshelfHint}</span>
        </dd>
        <dt>{words.papyrus}</dt>
        <dd>
          <Copyable label={words.papyrus} text={urls.papyrus} />
          <span className="quiet">{words.papyrusHint}</span>
        </dd>
      </dl>
      <p>
        <a href={urls.docs} target="_blank" rel="noreferrer">
          {words.docs}
        </a>
      </p>
      <p className="quiet">
        {words.data} <span className="path">{dataDir}</span>
      </p>
    </Section>
  );
}
