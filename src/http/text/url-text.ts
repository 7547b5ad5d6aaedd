// Addresses as a server writes them.

/** UTF-16 code units. Browsers stop at 2,000 to 64,000, stores sign addresses of some hundred. */
const maxLength = 16 * 1024;

/**
 * The address that a text is; null for what is none, or too long to be looked at: a host's name is normalised in time in the
 * square of its length, and a header may have a megabyte.
 * @param base what a relative address starts from
 */
export function readUrl(text: string, base?: URL): URL | null {
  return text.length <= maxLength && URL.canParse(text, base?.href) ? new URL(text, base) : null;
}
