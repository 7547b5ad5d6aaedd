// Text as a word of a shell's.

/** As one word of a POSIX shell: quoted where it has to be. */
export function quoteForShell(text: string): string {
  return /^[\w./@%+=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
