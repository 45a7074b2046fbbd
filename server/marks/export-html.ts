// Highlights as one HTML page: nothing in it is loaded or run.
import { counted, linesOf, placeOf } from './export-document.ts';
import type { ExportHead, ExportedMark, Writer } from './export-document.ts';
import { printable } from './export-text.ts';
import { escapeMarkup } from '../base/escape.ts';

const STYLE = `:root { color-scheme: light dark; --soft: light-dark(#655d52, #b3a99c); --line: light-dark(#ddd5c8, #47413a); }
body { font: 1.0625rem/1.6 Georgia, "Noto Serif", "DejaVu Serif", serif; max-width: 42rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem;
  background: light-dark(#fdfbf7, #1c1a17); color: light-dark(#25211c, #ece6dc); }
header { border-bottom: 1px solid var(--line); margin-bottom: 2rem; }
h1, h2, h3 { line-height: 1.25; margin: 2.5rem 0 .25rem; overflow-wrap: anywhere; }
h1 { margin-top: 0; font-size: 1.9rem; } h2 { font-size: 1.4rem; } h3 { font-size: 1.1rem; }
.by, .about, .place { color: var(--soft); font: .8125rem/1.5 system-ui, sans-serif; margin: 0 0 1rem; overflow-wrap: anywhere; }
article { margin: 1.5rem 0 2rem; break-inside: avoid; }
blockquote { margin: 0 0 .5rem; padding: .1rem 0 .1rem 1rem; border-inline-start: .3rem solid var(--mark); white-space: pre-line; overflow-wrap: anywhere; }
.note { margin: 0 0 .5rem; padding-inline-start: 1.3rem; font-style: italic; white-space: pre-line; overflow-wrap: anywhere; }
.place { padding-inline-start: 1.3rem; }
@media print { body { padding: 0; background: none; color: #000; } }`;

/** Returns a writer of HTML: everything said in books and notes is text, never markup. */
export function htmlWriter(): Writer {
  let head: ExportHead;
  const mark = (each: ExportedMark): string => {
    const note = each.note === null ? '' : `<p class="note" dir="auto">${text(each.note)}</p>\n`;
    return `<article>
<blockquote dir="auto" style="--mark: ${each.color}">${text(each.text)}</blockquote>
${note}<p class="place" dir="auto">${placeOf(each, head).map(text).join(' · ')}</p>
</article>
`;
  };
  return {
    begin(given) {
      head = given;
      return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>Annotations</title>
<style>
${STYLE}
</style>
</head>
<body>
<header>
<h1>Annotations</h1>
<p class="about">${counted(head.count)}, exported ${head.day}</p>
</header>
`;
    },
    blocks: (blocks) =>
      blocks
        .map((block) => {
          if (block.kind === 'mark') return mark(block);
          const tag = `h${block.level + 1}`;
          const by = block.author === undefined ? '' : `<p class="by" dir="auto">${text(block.author)}</p>\n`;
          return `<${tag} dir="auto">${text(block.title)}</${tag}>\n${by}`;
        })
        .join(''),
    end: () => '</body>\n</html>\n',
  };
}

const text = (value: string): string =>
  linesOf(value)
    .map((line) => escapeMarkup(printable(line)))
    .join('\n');
