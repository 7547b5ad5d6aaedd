// What a terminal shows after a program has written to it: lines of characters and their looks.

/** @typedef {{ text: string, look: string }} Span characters that look alike; `look` is a list of classes, such as `bold red` */

const colours = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];

/**
 * Understands only what the program uses: colours, bold, dim, moving back within a line, erasing.
 * @param {string} output all that was written
 * @returns {Span[][]} one list for each line
 * @throws Error for anything else, which the picture would not show
 */
export function readScreen(output) {
  const screen = { lines: [[]], column: 0, look: { bold: false, dim: false, colour: '' } };
  const [first = '', ...others] = output.split('\u001b[');
  write(screen, first);
  for (const piece of others) {
    const [sequence = '', parameters = '', command = ''] = /^([\d;?]*)([A-Za-z])/.exec(piece) ?? [];
    control(screen, command, parameters);
    write(screen, piece.slice(sequence.length));
  }
  return screen.lines.map(joinSpans);
}

function control(screen, command, parameters) {
  if (command === 'm') applyLook(screen.look, parameters);
  else if (command === 'G') screen.column = Number(parameters || 1) - 1;
  // J erases the lines below too, but there are none.
  else if (command === 'K' || command === 'J') lastOf(screen.lines).length = screen.column;
  // A cursor that is hidden or shown.
  else if (command !== 'h' && command !== 'l') throw new Error(`pictures do not know the sequence ${command}`);
}

function write(screen, text) {
  for (const character of text) {
    const line = lastOf(screen.lines);
    if (character === '\r') screen.column = 0;
    else if (character === '\n') {
      screen.lines.push([]);
      screen.column = 0;
    } else if (character < ' ' || character > '\uffff') {
      throw new Error(`pictures do not know the character ${JSON.stringify(character)}`);
    } else {
      while (line.length < screen.column) line.push({ character: ' ', look: '' });
      line[screen.column] = { character, look: nameLook(screen.look) };
      screen.column += 1;
    }
  }
}

function lastOf(list) {
  return list[list.length - 1];
}

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

function nameLook({ bold, dim, colour }) {
  return [bold ? 'bold' : '', dim ? 'dim' : '', colour].filter((name) => name !== '').join(' ');
}

function joinSpans(cells) {
  const spans = [];
  for (const { character, look } of cells) {
    const last = lastOf(spans);
    if (last?.look === look) last.text += character;
    else spans.push({ text: character, look });
  }
  return spans;
}
