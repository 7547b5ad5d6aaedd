// Parses lists of checksums as vendors publish them: SHA256SUMS, CHECKSUM, image.qcow2.sha512. A signature in a list is
// skipped, not checked. Pure; takes time in proportion to the length.
// @see https://www.gnu.org/software/coreutils/manual/html_node/cksum-output-modes.html
import { type Digest, type DigestAlgorithm, findAlgorithm, isDigestHex } from '../../digests.ts';

/** One entry of a list. */
export interface ListedDigest {
  /** As in the list, without a leading `./`; null if the list has nothing but the digest. */
  readonly name: string | null;
  readonly digest: Digest;
}

/**
 * Plain lines show the algorithm only by the length of the digest. Of several with that length, this is the usual one.
 */
const algorithmsByLength: ReadonlyMap<number, DigestAlgorithm> = new Map([
  [32, 'md5'],
  [40, 'sha1'],
  [56, 'sha224'],
  [64, 'sha256'],
  [96, 'sha384'],
  [128, 'sha512'],
]);
const longestDigest = 128;

const signatureBegins = '-----BEGIN PGP SIGNATURE-----';
const signatureEnds = '-----END PGP SIGNATURE-----';

/** All entries of a list, in order. Other lines, such as comments, are skipped. */
export function parseChecksums(bytes: Uint8Array): readonly ListedDigest[] {
  const listed: ListedDigest[] = [];
  let isSignature = false;
  for (const line of decode(bytes).split('\n')) {
    const text = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (text.startsWith(signatureBegins)) isSignature = true;
    const found = isSignature ? null : parseLine(text);
    if (found !== null) listed.push(found);
    if (text.startsWith(signatureEnds)) isSignature = false;
  }
  return listed;
}

/** Decodes UTF-8, or what a byte order mark says; removes the mark. */
function decode(bytes: Uint8Array): string {
  const isWide = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isWide ? 'utf-16le' : 'utf-8').decode(bytes);
}

function parseLine(line: string): ListedDigest | null {
  // A leading backslash means that the name is escaped.
  const isEscaped = line.startsWith('\\');
  const text = isEscaped ? line.slice(1) : line;
  const found = parseTagged(text) ?? parsePlain(text);
  if (found === null || found.name === null) return found;
  const name = isEscaped ? unescape(found.name) : found.name;
  return { ...found, name: name.startsWith('./') ? name.slice(2) : name };
}

/** `HEX  NAME`, `HEX *NAME`, or just `HEX`. */
function parsePlain(line: string): ListedDigest | null {
  const end = line.slice(0, longestDigest + 1).search(/[ \t]/);
  const hex = (end < 0 ? line : line.slice(0, end)).toLowerCase();
  const algorithm = algorithmsByLength.get(hex.length);
  if (algorithm === undefined || !isDigestHex(algorithm, hex)) return null;
  const rest = end < 0 ? '' : line.slice(end).trimStart();
  const name = rest.startsWith('*') ? rest.slice(1) : rest;
  return { name: name === '' ? null : name, digest: { algorithm, hex } };
}

/** `SHA256 (NAME) = HEX`, from BSD and `--tag`, and `SHA256(NAME)= HEX`, from OpenSSL. */
function parseTagged(line: string): ListedDigest | null {
  const open = line.indexOf('(');
  const close = line.lastIndexOf(')');
  const after = line.slice(close + 1).trim();
  if (open < 1 || close < open || !after.startsWith('=')) return null;
  // OpenSSL 3 writes SHA2-256.
  const algorithm = findAlgorithm(line.slice(0, Math.min(open, longestDigest)).replace(/^SHA2-/, 'SHA'));
  const hex = after.slice(1).trim().toLowerCase();
  if (algorithm === undefined || !isDigestHex(algorithm, hex)) return null;
  return { name: line.slice(open + 1, close), digest: { algorithm, hex } };
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['\\n', '\n'],
  ['\\r', '\r'],
  ['\\\\', '\\'],
]);

function unescape(name: string): string {
  return name.replace(/\\[nr\\]/g, (escape) => escapes.get(escape) ?? escape);
}
