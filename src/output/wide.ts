// Display width of text outside ASCII. A module of its own, so that string-width loads only where there is such text.
import stringWidth from 'string-width';

/** Cells of a terminal that the text takes. */
export const measure = (text: string): number => stringWidth(text);
