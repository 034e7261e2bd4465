/** A MAC in any usual notation, as the ledger has it, `5c:cf:7f:00:00:01`; null for what is none. */
export function macIn(text: string): string | null {
  const digits = text.toLowerCase().replaceAll(/[:.-]/g, '');
  return /^[0-9a-f]{12}$/.test(digits) ? digits.replaceAll(/(..)(?=.)/g, '$1:') : null;
}
