// Display width of text outside ASCII. A separate module, so that string-width is loaded only for such text.
import stringWidth from 'string-width';

/** Cells that a text takes on a terminal. */
export const measure = (text: string): number => stringWidth(text);
