// Colours: whether to use them, and how. The library is not left to decide, since it looks at the global process.

/** Paints text; without colours, returns it unchanged. */
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
type StyleLevel = 0 | 1 | 2 | 3;

interface StyleChoice {
  /** Whether the text goes to a terminal. */
  readonly isTTY: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** False for `--no-color`; with undefined or true, the other rules decide. */
  readonly color: boolean | undefined;
}

/**
 * How many colours to use. In this order: `--no-color`, FORCE_COLOR, NO_COLOR, and whether it is a terminal that is not
 * dumb.
 * @see https://no-color.org and https://force-color.org
 */
export function styleLevel({ isTTY, env, color }: StyleChoice): StyleLevel {
  if (color === false) return 0;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined && forced !== '') {
    // chalk also reads this variable when it is loaded, and throws for a negative number.
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

/** The style for a level. Loads chalk only if there is something to paint. */
export async function loadStyle(level: StyleLevel): Promise<Style> {
  if (level === 0) return plainStyle;
  const { Chalk } = await import('chalk');
  return new Chalk({ level });
}
