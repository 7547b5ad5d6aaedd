// The texts that are worst for matchers and parsers.

/** @typedef {readonly [use: (text: string) => unknown, own?: readonly string[]]} Case what is done with a text, and worst units */

/** Characters of each text. A text that takes time in the square of 100,000 takes seven seconds, else milliseconds. */
export const length = Number(process.argv[2] ?? 100_000);

/** What patterns repeat: blanks, digits, marks, marks that open something, invisible and combining characters, emoji. */
const units = [
  ' ',
  '\t\n',
  'a',
  'a-',
  'A.',
  '0',
  '1_',
  '1:',
  '-',
  '/',
  '.',
  '<',
  '<head',
  '<br',
  '"',
  '%',
  '%41',
  '{}',
  '(',
  '@',
  ',',
  '=',
  '&a=',
  '\\',
  '\u0301\u0323',
  '\u200d',
  '😀\u200d',
  '\ud800',
  'é ',
];
/** Before and behind: what lets a match begin, and what lets it fail at the very end. */
const frames = [
  ['', ''],
  ['x', '\r!'],
];
/** @param {readonly string[]} own units of the matcher alone */
export function* hostileTexts(own) {
  for (const unit of [...units, ...own]) {
    const run = unit.repeat(Math.ceil(length / unit.length));
    for (const [before = '', behind = ''] of frames) {
      yield { shown: `${before}${unit}…${behind}`, text: before + run + behind };
    }
  }
}

/** For what is printed, where each character costs more: fewer texts, and shorter. */
const printedUnits = [' ', 'a-', '1_', '1:', '"', '\t\n', '\u0301\u0323', '😀\u200d', '\ud800', 'é '];
export function* printedTexts() {
  for (const unit of printedUnits) yield { shown: `${unit}…`, text: unit.repeat(Math.ceil(length / 8 / unit.length)) };
}
