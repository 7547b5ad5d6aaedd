// Text of any characters, for properties.
import fc from 'fast-check';

const surrogates = { first: 0xd800, count: 0x800 };

/**
 * Any code point except lone surrogates, as a unit of `fc.string`. fast-check's own `binary` is the same, but keeps a table of
 * them all, which takes a second to make, and which the garbage collector has to scan from then on.
 */
export const anyCharacter: fc.Arbitrary<string> = fc.nat(0x10_ffff - surrogates.count).map(
  (number) => String.fromCodePoint(number < surrogates.first ? number : number + surrogates.count),
  (text) => {
    const point = typeof text === 'string' ? text.codePointAt(0) : undefined;
    if (point === undefined || text !== String.fromCodePoint(point)) throw new Error('not one character');
    const isSurrogate = point >= surrogates.first && point < surrogates.first + surrogates.count;
    if (isSurrogate) throw new Error('half a surrogate');
    return point < surrogates.first ? point : point - surrogates.count;
  },
);
