/** What canonical JSON can hold; there is nothing else in what is hashed. */
export type CanonicalValue =
  string | number | null | readonly CanonicalValue[] | { readonly [key: string]: CanonicalValue };

/** JSON without white space and with the keys of each object in ascending order: the same text for the same content. */
export function canonicalJson(value: CanonicalValue): string {
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`);
  return `{${members.join(',')}}`;
}

function isList(value: CanonicalValue): value is readonly CanonicalValue[] {
  return Array.isArray(value);
}
