// Colours: whether, and how. Decided here and not by the library, which looks at the global process.

/** Paints text; the identity where there are no colours. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
  readonly magenta: (text: string) => string;
}

/** 0 none, 1 sixteen colours, 2 256, 3 true colour. */
export type StyleLevel = 0 | 1 | 2 | 3;

export interface StyleChoice {
  /** Whether the text goes to a terminal. */
  readonly isTTY: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** False for `--no-color`; undefined or true leaves it to the rest. */
  readonly color: boolean | undefined;
}

/**
 * The level to paint with: `--no-color`, then FORCE_COLOR, then NO_COLOR, then whether it is a terminal that is not dumb.
 * @see https://no-color.org and https://force-color.org
 */
export function styleLevel({ isTTY, env, color }: StyleChoice): StyleLevel {
  if (color === false) return 0;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined && forced !== '') {
    // chalk looks at it too when it is loaded, and throws for a number below 0.
    if (forced === 'false' || Number.parseInt(forced, 10) <= 0) return 0;
    return forced === '2' ? 2 : forced === '3' ? 3 : 1;
  }
  if ((env['NO_COLOR'] ?? '') !== '' || !isTTY || env['TERM'] === 'dumb') return 0;
  if (/^(?:truecolor|24bit)$/i.test(env['COLORTERM'] ?? '')) return 3;
  return /256/.test(env['TERM'] ?? '') ? 2 : 1;
}

const identity = (text: string): string => text;

/** No colours at all. */
export const plainStyle: Style = {
  bold: identity,
  dim: identity,
  red: identity,
  green: identity,
  yellow: identity,
  cyan: identity,
  magenta: identity,
};

/** The style of a level. chalk loads only if there is something to paint. */
export async function loadStyle(level: StyleLevel): Promise<Style> {
  if (level === 0) return plainStyle;
  const { Chalk } = await import('chalk');
  return new Chalk({ level });
}
