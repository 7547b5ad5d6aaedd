// Quotes text for a shell.

/** The text as one word of a POSIX shell, quoted if necessary. */
export function quoteForShell(text: string): string {
  return /^[\w./@%+=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
