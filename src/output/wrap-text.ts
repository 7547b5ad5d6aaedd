// Wraps text by display width.
import { longestExact, type Ruler, splitGraphemes } from './width.ts';

/** Breaks at spaces if there are any, otherwise where the room ends. Only spaces at the ends of lines are lost. */
export function wrapText(text: string, room: number, ruler: Ruler): string[] {
  if (room === Number.POSITIVE_INFINITY || ruler.width(text) <= room) return [text];
  const lines: string[] = [];
  let line = '';
  let used = 0;
  const add = (part: string, cells: number): void => {
    if (used > 0 && used + cells > room) {
      lines.push(line.trimEnd());
      line = '';
      used = 0;
    }
    line += part;
    used += ruler.width(part);
  };
  for (const word of text.split(/(?<= )/)) {
    const cells = ruler.width(word.trimEnd());
    if (cells <= room) add(word, cells);
    else for (const part of word.length > longestExact ? word : splitGraphemes(word)) add(part, ruler.width(part));
  }
  return [...lines, line.trimEnd()];
}
