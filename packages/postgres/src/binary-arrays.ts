/** Object ids of the element types, which Postgres expects in the binary form of an array. */
const oids = { bytea: 17, text: 25, json: 114, uuid: 2950 } as const;

/** Bytes of the header of a one-dimensional array, and of the length of each element. */
const headerBytes = 20;
const lengthBytes = 4;

interface Elements<T> {
  readonly type: keyof typeof oids;
  readonly values: readonly (T | null)[];
  readonly size: (value: T) => number;
  /** Writes a value of this size at this offset. */
  readonly write: (to: Buffer, value: T, offset: number, size: number) => void;
}

/**
 * Encodes a parameter of an array type in the binary format of Postgres, which pg sends as it is. As text, each element
 * would be quoted and escaped here and parsed there, which costs as much as inserting the row.
 */
const encode = <T>({ type, values, size, write }: Elements<T>): Buffer => {
  const sizes = values.map((value) => (value === null ? -1 : size(value)));
  const bytes = sizes.reduce((sum, own) => sum + lengthBytes + Math.max(0, own), headerBytes);
  const array = Buffer.allocUnsafe(bytes);
  array.writeInt32BE(1, 0);
  array.writeInt32BE(values.includes(null) ? 1 : 0, 4);
  array.writeInt32BE(oids[type], 8);
  array.writeInt32BE(values.length, 12);
  array.writeInt32BE(1, 16);
  let offset = headerBytes;
  for (const [i, value] of values.entries()) {
    const own = sizes[i] ?? -1;
    array.writeInt32BE(own, offset);
    offset += lengthBytes;
    if (value === null) continue;
    write(array, value, offset, own);
    offset += own;
  }
  return array;
};

/** Encodes a parameter of type text[]. */
export const textArray = (values: readonly (string | null)[]): Buffer =>
  encode({
    type: 'text',
    values,
    size: (value) => Buffer.byteLength(value),
    write: (to, value, offset) => to.write(value, offset),
  });

/** Encodes a parameter of type json[]. Its elements are texts, or their bytes in UTF-8. */
export const jsonArray = (values: readonly (string | Uint8Array)[]): Buffer =>
  encode({
    type: 'json',
    values,
    size: (value) => Buffer.byteLength(value),
    write: (to, value, offset) => {
      if (typeof value === 'string') to.write(value, offset);
      else to.set(value, offset);
    },
  });

/** Encodes a parameter of type bytea[]. */
export const byteaArray = (values: readonly Buffer[]): Buffer =>
  encode({
    type: 'bytea',
    values,
    size: (value) => value.length,
    write: (to, value, offset) => value.copy(to, offset),
  });

/**
 * Encodes a parameter of type uuid[].
 * @throws RangeError if a value is no UUID
 */
export const uuidArray = (values: readonly string[]): Buffer =>
  encode({
    type: 'uuid',
    values,
    size: () => 16,
    write: (to, value, offset, size) => {
      if (to.write(value.replaceAll('-', ''), offset, size, 'hex') !== size)
        throw new RangeError(`${value} is no UUID`);
    },
  });
