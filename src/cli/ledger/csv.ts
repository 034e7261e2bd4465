/** What a cell may hold. */
export type Cell = string | number | null;

/**
 * One record after RFC 4180, with CR LF at its end. Null is an empty cell, numbers stay numbers.
 *
 * A spreadsheet takes a text that begins with one of = + - @ TAB CR LF for a formula, or may be made to: it gets an
 * apostrophe in front. So does one that begins with an apostrophe, so that taking one off gives every text back.
 */
export function csvRecord(cells: readonly Cell[]): string {
  return `${cells.map(cellText).join(',')}\r\n`;
}

function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = /^[=+\-@\t\r\n']/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n\t]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
