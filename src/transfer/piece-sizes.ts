// Sizes of the pieces that several connections fetch: smaller pieces cost more requests than they save, larger ones leave
// connections idle at the end.
export const leastPieceBytes = 4 * 1024 * 1024;
export const mostPieceBytes = 64 * 1024 * 1024;
