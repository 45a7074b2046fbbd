// An address with a button that copies it.
import { useEffect, useRef, useState } from 'react';
import { messages } from '../messages/en.ts';
import { Button } from './button.tsx';

/** Shows `text`; the button copies it, or selects it where copying is not allowed. */
export function Copyable({ label, text }: { label: string; text: string }) {
  const words = useRef<HTMLElement>(null);
  const [outcome, setOutcome] = useState<'copied' | 'selected' | undefined>();
  useEffect(() => {
    if (outcome === undefined) return undefined;
    const timer = setTimeout(() => setOutcome(undefined), 3_000);
    return () => clearTimeout(timer);
  }, [outcome]);

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome('copied');
    } catch {
      if (words.current !== null) window.getSelection()?.selectAllChildren(words.current);
      setOutcome('selected');
    }
  }

  const said =
    outcome === undefined ? undefined : messages.addresses[outcome === 'copied' ? 'copied' : 'select'];
  return (
    <span className="copyable">
      <code ref={words}>{text}</code>
      <Button kind="plain" aria-label={messages.addresses.copyOf(label)} onClick={() => void copy()}>
        {said ?? messages.addresses.copy}
      </Button>
      <output className="unseen">{said}</output>
    </span>
  );
}
