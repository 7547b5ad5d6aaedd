// What a terminal shows after a program has written to it: lines of characters and their looks.

/** @typedef {{ text: string, look: string }} Span characters that look alike; `look` is a list of classes, such as `bold red` */
/** @typedef {{ character: string, look: string }} Cell */
/** @typedef {{ bold: boolean, dim: boolean, colour: string }} Look of what is written next; no colour is the empty string */
/** @typedef {{ lines: Cell[][], line: Cell[], column: number, look: Look }} Screen `line` is the last, which is written to */

const colours = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];

/**
 * Understands only what the program uses: colours, bold, dim, moving back within a line, erasing.
 * @param {string} output all that was written
 * @returns {Span[][]} one list for each line
 * @throws Error for anything else, which the picture would not show
 */
export function readScreen(output) {
  /** @type {Cell[]} */
  const line = [];
  const screen = { lines: [line], line, column: 0, look: { bold: false, dim: false, colour: '' } };
  const [first = '', ...others] = output.split('\u001b[');
  write(screen, first);
  for (const piece of others) {
    const [sequence = '', parameters = '', command = ''] = /^([\d;?]*)([A-Za-z])/.exec(piece) ?? [];
    control(screen, command, parameters);
    write(screen, piece.slice(sequence.length));
  }
  return screen.lines.map(joinSpans);
}

/**
 * @param {Screen} screen
 * @param {string} command the letter that ends a sequence
 * @param {string} parameters
 */
function control(screen, command, parameters) {
  if (command === 'm') applyLook(screen.look, parameters);
  else if (command === 'G') screen.column = Number(parameters || 1) - 1;
  // J erases the lines below too, but there are none.
  else if (command === 'K' || command === 'J') screen.line.length = screen.column;
  // A cursor that is hidden or shown.
  else if (command !== 'h' && command !== 'l') throw new Error(`pictures do not know the sequence ${command}`);
}

/**
 * @param {Screen} screen
 * @param {string} text
 */
function write(screen, text) {
  for (const character of text) {
    if (character === '\r') screen.column = 0;
    else if (character === '\n') {
      screen.line = [];
      screen.lines.push(screen.line);
      screen.column = 0;
    } else if (character < ' ' || character > '\uffff') {
      throw new Error(`pictures do not know the character ${JSON.stringify(character)}`);
    } else {
      while (screen.line.length < screen.column) screen.line.push({ character: ' ', look: '' });
      screen.line[screen.column] = { character, look: nameLook(screen.look) };
      screen.column += 1;
    }
  }
}

/**
 * @param {Look} look
 * @param {string} parameters
 */
function applyLook(look, parameters) {
  for (const code of parameters.split(';').map(Number)) {
    if (code === 0 || code === 22) look.bold = look.dim = false;
    if (code === 0 || code === 39) look.colour = '';
    if (code === 1) look.bold = true;
    else if (code === 2) look.dim = true;
    else if (code >= 30 && code <= 37) look.colour = colours[code - 30] ?? '';
    else if (![0, 22, 39].includes(code)) throw new Error(`pictures do not know the look ${String(code)}`);
  }
}

/** @param {Look} look */
function nameLook({ bold, dim, colour }) {
  return [bold ? 'bold' : '', dim ? 'dim' : '', colour].filter((name) => name !== '').join(' ');
}

/** @param {readonly Cell[]} cells */
function joinSpans(cells) {
  /** @type {Span[]} */
  const spans = [];
  for (const { character, look } of cells) {
    const last = spans.at(-1);
    if (last?.look === look) last.text += character;
    else spans.push({ text: character, look });
  }
  return spans;
}
