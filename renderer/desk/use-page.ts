// What every page does when it comes up: names the window and takes the keyboard to its heading.
import { useEffect, useRef } from 'react';
import type { RefObject } from 'react';
import { messages } from '../shared/messages/en.ts';

let pagesShown = 0;

/** A ref for the page's heading, which takes the focus when the page replaces another one. */
export function usePage(name: string): RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = messages.title(name);
  }, [name]);
  useEffect(() => {
    // The first page leaves the focus at the top, where a fresh page has it.
    if (pagesShown > 0) heading.current?.focus();
    return () => {
      pagesShown += 1;
    };
  }, []);
  return heading;
}
