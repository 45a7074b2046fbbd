// One titled part of the library's page, with its loading and its error state.
import type { ReactNode, RefObject } from 'react';
import { useId } from 'react';
import { messages } from '../../shared/messages/en.ts';
import { Button } from '../../shared/ui/button.tsx';
import { Notice } from '../../shared/ui/notice.tsx';
import { sentenceFor } from '../sentence-for.ts';

export type SectionProps = {
  heading: ReactNode;
  headingRef?: RefObject<HTMLHeadingElement | null>;
  className?: string;
  /** What the section shows comes from here; until it came, the children are not drawn. */
  query?: { isPending: boolean; error: Error | null; data: unknown; refetch: () => Promise<unknown> };
  children: ReactNode;
};

/** A section labelled by its heading. */
export function Section({ heading, headingRef, className, query, children }: SectionProps) {
  const id = useId();
  return (
    <section className={className} aria-labelledby={id}>
      <h2 id={id} ref={headingRef} tabIndex={headingRef === undefined ? undefined : -1}>
        {heading}
      </h2>
      {body()}
    </section>
  );

  function body(): ReactNode {
    if (query !== undefined && query.data === undefined && query.error !== null) {
      return (
        <Notice
          tone="warning"
          action={<Button onClick={() => void query.refetch()}>{messages.retry}</Button>}
        >
          {sentenceFor(query.error)}
        </Notice>
      );
    }
    if (query?.isPending === true) return <p className="loading">{messages.loading.section}</p>;
    return children;
  }
}
