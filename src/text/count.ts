// A number and what it counts, in words. Imports nothing.

/** `1 image`, `2 images`, `0 images`. @param many the plural of the noun, if it is not formed with an s */
export function countOf(count: number | bigint, noun: string, many = `${noun}s`): string {
  return `${String(count)} ${count === 1 || count === 1n ? noun : many}`;
}
