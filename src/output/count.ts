// Numbers of things in sentences.

/** `1 image`, `0 images`. @param noun with an s for several */
export function countOf(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
}
