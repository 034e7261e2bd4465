/** One little-endian field of a packet: how many bytes it takes and how it is written and read. */
export interface Field<Name extends string, Value> {
  readonly name: Name;
  readonly bytes: number;
  write(view: DataView, offset: number, value: Value): void;
  read(view: DataView, offset: number): Value;
}

type NamedField = Field<string, number>;
type NameOf<F> = F extends Field<infer Name, number> ? Name : never;

/** The values of a list of fields, by name. */
export type ValuesOf<Fields extends readonly NamedField[]> = {
  readonly [Name in NameOf<Fields[number]>]: number;
};

/** A little-endian 32-bit unsigned integer, 0 … 0xFFFFFFFF. */
export function u32<const Name extends string>(name: Name): Field<Name, number> {
  return {
    name,
    bytes: 4,
    write: (view, offset, value) => {
      view.setUint32(offset, value, true);
    },
    read: (view, offset) => view.getUint32(offset, true),
  };
}

/** Writes the fields one behind the other, in the order of the list. */
export function pack<const Fields extends readonly NamedField[]>(fields: Fields, values: ValuesOf<Fields>): Uint8Array {
  const bytes = new Uint8Array(fields.reduce((sum, field) => sum + field.bytes, 0));
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const field of fields) {
    field.write(view, offset, (values as Record<string, number>)[field.name] ?? 0);
    offset += field.bytes;
  }
  return bytes;
}
