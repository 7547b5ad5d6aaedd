// Text as man(7) source: escapes, fonts, line breaks. Knows nothing about commands.

/** Longest line of source, in bytes; `mandoc -T lint` complains from 80 on. */
const lineWidth = 78;

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '^': '\\(ha',
  '~': '\\(ti',
  '`': '\\(ga',
  '…': '...',
  '–': '\\(en',
  '—': '\\(em',
  '\u00a0': '\\ ',
};

/**
 * Escapes text so that it is printed as it is, with hyphens as the minus that a shell wants. A no-break space stays one.
 * Does not protect the start of a line: see {@link paragraph}.
 */
export function escapeText(text: string): string {
  return text.replace(/[\\\-'^~`…–—\u00a0]|[^\x20-\x7e]/gu, (char) => {
    return escapes[char] ?? `\\[u${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`;
  });
}

/** Bold, for what is typed literally. */
export function bold(text: string): string {
  return `\\fB${escapeText(text)}\\fR`;
}

/** Italic, for what is replaced by a value. */
export function italic(text: string): string {
  return `\\fI${escapeText(text)}\\fR`;
}

/** Text in which `` `words` `` become bold and are not broken across lines. */
export function inline(text: string): string {
  return text
    .split(/(`[^`]+`)/)
    .map((part, index) => (index % 2 === 1 ? bold(part.slice(1, -1).replaceAll(' ', '\u00a0')) : escapeText(part)))
    .join('');
}

/**
 * The lines of a paragraph. Each sentence starts a new line, which tells roff how to space them.
 * @param text words with any white space between them, and marks as for {@link inline}
 */
export function paragraph(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of inline(text.trim().replace(/[ \t\r\n]+/g, ' ')).split(/(?<!\\) /)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && (endsSentence(line) || longer.length > lineWidth)) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line].map(protectStart);
}

/** Paragraphs, separated by empty lines in `text`. The first has no macro, as it follows a heading. */
export function paragraphs(text: string): string[] {
  return text
    .trim()
    .split(/\n[ \t]*\n/)
    .flatMap((each, index) => (index === 0 ? paragraph(each) : ['.PP', ...paragraph(each)]));
}

/** An item of a list: a term in roff, and plain text. */
export function taggedParagraph(term: string, text: string): string[] {
  return ['.TP', protectStart(term), ...paragraph(text)];
}

/** Lines as they are, in a fixed-width font if there is one. */
export function display(code: string): string[] {
  const lines = code.split('\n').map((line) => protectStart(escapeText(line)));
  return ['.RS 4', '.EX', ...lines, '.EE', '.RE'];
}

/** Text as one sentence: with a full stop unless it ends like one. */
export function sentence(text: string): string {
  return /[.!?…:]$/.test(text) ? text : `${text}.`;
}

function endsSentence(line: string): boolean {
  return /[.!?][)"]?$/.test(line) && !/(?:^|[\s(])(?:[a-z]\.){2,}$|\.\.\.$/.test(line);
}

/** Protects a line that starts with a dot, which would be a macro. So would an apostrophe, but it is already escaped. */
function protectStart(line: string): string {
  return line.startsWith('.') ? `\\&${line}` : line;
}
