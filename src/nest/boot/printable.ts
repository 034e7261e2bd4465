const lengthAtMost = 64;

/** A piece of what a module said, without control characters and no longer than 64. */
export function printable(text: string): string {
  return withoutControls(text).slice(0, lengthAtMost);
}

/** The same of the end of a text, on one line. */
export function printableEnd(text: string): string {
  return withoutControls(text.slice(-4 * lengthAtMost).replace(/[\r\n]+/g, ' '))
    .trim()
    .slice(-lengthAtMost);
}

function withoutControls(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is taken out
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '');
}
