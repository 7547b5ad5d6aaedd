// Lines of a terminal as an SVG that stands alone: no font file, no script, and it suits light and dark pages.

/** Size of one character, in the picture's units. */
const cell = { width: 8.4, height: 19 };
const fontSize = 14;
const padding = 18;
const titleBar = 34;

const style = `
text { font: ${String(fontSize)}px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d7dde4; white-space: pre }
.bold { font-weight: 700 }
.dim { fill: #8b949e }
.red { fill: #ff7b72 }
.green { fill: #56d364 }
.yellow { fill: #e3b341 }
.blue { fill: #79c0ff }
.magenta { fill: #d2a8ff }
.cyan { fill: #56d4dd }
`;

/**
 * @param {import('./terminal-screen.mjs').Span[][]} lines
 * @param {{ columns: number, title: string, description: string }} options
 * @returns {string}
 */
export function renderTerminal(lines, { columns, title, description }) {
  const width = Math.ceil(columns * cell.width) + 2 * padding;
  const height = titleBar + lines.length * cell.height + padding;
  const rows = lines.flatMap((spans, index) => (spans.length === 0 ? [] : [renderLine(spans, index)]));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(width)} ${String(height)}" role="img" aria-labelledby="title description">
<title id="title">${escape(title)}</title>
<desc id="description">${escape(description)}</desc>
<style>${style}</style>
<rect x="0.5" y="0.5" width="${String(width - 1)}" height="${String(height - 1)}" rx="9" fill="#0d1117" stroke="#484f58"/>
<circle cx="22" cy="19" r="6" fill="#484f58"/><circle cx="42" cy="19" r="6" fill="#484f58"/><circle cx="62" cy="19" r="6" fill="#484f58"/>
${rows.join('\n')}
</svg>
`;
}

/**
 * The length is set, since characters differ in width from font to font.
 * @param {readonly import('./terminal-screen.mjs').Span[]} spans
 * @param {number} index of the line
 */
function renderLine(spans, index) {
  const text = spans.map(({ text: part, look }) =>
    look === '' ? escape(part) : `<tspan class="${look}">${escape(part)}</tspan>`,
  );
  const characters = spans.reduce((sum, span) => sum + span.text.length, 0);
  const y = titleBar + index * cell.height + fontSize;
  const length = (characters * cell.width).toFixed(1);
  return `<text x="${String(padding)}" y="${String(y)}" textLength="${length}" lengthAdjust="spacingAndGlyphs">${text.join('')}</text>`;
}

/** @param {string} text */
function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
