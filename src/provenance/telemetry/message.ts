/** A protobuf message by field number, without a schema: the reading is @bufbuild/protobuf's. */

/** One decoded message. Absent fields read as empty, as proto3 has it. */
export type Message = {
  readonly has: (field: number) => boolean;
  readonly bytes: (field: number) => Uint8Array;
  readonly text: (field: number) => string;
  /** Integers of any width, as the bits that were sent. */
  readonly number: (field: number) => bigint;
  readonly double: (field: number) => number;
  readonly message: (field: number) => Message | undefined;
  readonly messages: (field: number) => Message[];
};

export type DecodeMessage = (bytes: Uint8Array) => Message;

type Value = bigint | Uint8Array;

/** Loads the library and returns the decoder, which throws a RangeError or an Error on bytes that are no message. */
export async function messageDecoder(): Promise<DecodeMessage> {
  const { BinaryReader, WireType } = await import("@bufbuild/protobuf/wire");
  return function decode(bytes) {
    const fields = new Map<number, Value[]>();
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [field, type] = reader.tag();
      const values = fields.get(field) ?? [];
      if (values.length === 0) fields.set(field, values);
      if (type === WireType.Varint) values.push(BigInt(reader.uint64()));
      else if (type === WireType.Bit64) values.push(BigInt(reader.fixed64()));
      else if (type === WireType.LengthDelimited) values.push(reader.bytes());
      else reader.skip(type, field);
    }
    return messageOf(fields, decode);
  };
}

function messageOf(fields: ReadonlyMap<number, readonly Value[]>, decode: DecodeMessage): Message {
  const bytes = (field: number) => {
    const value = fields.get(field)?.at(-1);
    return value instanceof Uint8Array ? value : new Uint8Array();
  };
  const number = (field: number) => {
    const value = fields.get(field)?.at(-1);
    return typeof value === "bigint" ? value : 0n;
  };
  const messages = (field: number) =>
    (fields.get(field) ?? []).flatMap((value) => (value instanceof Uint8Array ? [decode(value)] : []));
  return {
    has: (field) => fields.has(field),
    bytes,
    text: (field) => new TextDecoder().decode(bytes(field)),
    number,
    double: (field) => new Float64Array(BigUint64Array.of(number(field)).buffer)[0] ?? 0,
    message: (field) => messages(field).at(-1),
    messages,
  };
}
