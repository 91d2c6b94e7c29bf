/**
 * Reads the messages of call.proto straight into the types that the rest of the project reads. A recipe has tens of
 * thousands of calls, and spans tell each of them again: messages made by reflection, to be turned into calls
 * afterwards, take several times as long and as much memory. The bytes are read by @bufbuild/protobuf, which writes
 * as well (convert.ts); test/recipe/wire.test.ts holds the two against each other.
 */
import type { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

import { holdYoungGeneration } from "../young-generation.js";
import { type RecentTexts, recentTexts } from "./texts.js";
import type { Argument, Call, ExtraDigest, Literal, ModuleRef, Recipe, TypeRef } from "./types.js";

/** Each reads the message of its name, and throws an Error on bytes that are none. */
export type RecipeReader = {
  /** @param length where the message ends: calls that come one after the other may be put into the same bytes */
  readonly call: (bytes: Uint8Array, length?: number) => Call;
  readonly recipe: (bytes: Uint8Array) => Recipe;
  readonly id: (bytes: Uint8Array) => Id;
};

/** One of the two is there, in what an engine made. */
type Id = { readonly recipe?: Recipe; readonly handle?: Handle };

/** Result of one engine, and the name of its type. */
type Handle = { readonly resultId: bigint; readonly type: string };

/**
 * Loads the library and returns the reader.
 * @param share gives the text to keep in place of an equal one: digests and names occur again and again
 */
export async function recipeReader(share: (text: string) => string): Promise<RecipeReader> {
  const wire = await import("@bufbuild/protobuf/wire");
  const types = { nonNull: new Map<string, TypeRef>(), nullable: new Map<string, TypeRef>() };
  const recent = recentTexts();
  const open = (bytes: Uint8Array): Source => ({
    bytes,
    wire: new wire.BinaryReader(bytes),
    type: 0,
    share,
    recent,
    types,
  });
  let calls = open(new Uint8Array());
  return {
    call: (bytes, length = bytes.length) => {
      if (calls.bytes !== bytes) calls = open(bytes);
      calls.wire.pos = 0;
      return readCall(calls, length);
    },
    recipe: (bytes) => readRecipe(open(bytes), bytes.length),
    id: (bytes) => readId(open(bytes), bytes.length),
  };
}

/** Where messages are read from, one after the other: nested ones end at a position. */
type Source = {
  readonly bytes: Uint8Array;
  readonly wire: BinaryReader;
  /** How the value that comes next is written. */
  type: WireType;
  readonly share: (text: string) => string;
  readonly recent: RecentTexts;
  /** Types by their names: a build has a few dozen. */
  readonly types: { readonly nonNull: Map<string, TypeRef>; readonly nullable: Map<string, TypeRef> };
};

/** Number of the next field of the message that ends at `end`; 0 after the last one. */
function nextField(from: Source, end: number): number {
  const { wire } = from;
  if (wire.pos > end) throw new RangeError("a field goes beyond its message");
  if (wire.pos === end) return 0;
  const [field, type] = wire.tag();
  from.type = type;
  return field;
}

function skip({ wire, type }: Source, field: number): void {
  wire.skip(type, field);
}

/** Where the message that comes next ends. */
function endOf({ wire }: Source): number {
  const length = wire.uint32();
  return wire.pos + length;
}

/** Text that is not UTF-8 is refused, as proto3 has it. */
function text({ wire }: Source): string {
  return wire.string(true);
}

function sharedText(from: Source): string {
  const { wire, bytes, recent } = from;
  const before = wire.pos;
  const end = endOf(from);
  const start = wire.pos;
  const known = recent.find(bytes, start, end);
  if (known !== undefined) {
    wire.pos = end;
    return known;
  }
  wire.pos = before;
  const read = from.share(text(from));
  recent.add(read, bytes, start, end);
  return read;
}

function integer({ wire }: Source): number {
  return Number(wire.int64());
}

/** What is empty in most calls is held once. */
const none: readonly never[] = [];

function appended<T>(list: readonly T[], item: T): readonly T[] {
  if (list.length === 0) return [item];
  (list as T[]).push(item);
  return list;
}

/** Of its own size: one that was added to has room for 16 more. */
function finished<T>(list: readonly T[]): readonly T[] {
  return list.length < 2 ? list : list.slice();
}

function readId(from: Source, end: number): Id {
  let id: Id = {};
  for (let field = nextField(from, end); field !== 0; field = nextField(from, end))
    if (field === 1) id = { ...id, recipe: readRecipe(from, endOf(from)) };
    else if (field === 2) id = { ...id, handle: readHandle(from, endOf(from)) };
    else skip(from, field);
  return id;
}

function readHandle(from: Source, end: number): Handle {
  let resultId = 0n;
  let type = noType;
  for (let field = nextField(from, end); field !== 0; field = nextField(from, end))
    if (field === 1) resultId = BigInt(from.wire.uint64());
    else if (field === 2) type = readType(from, endOf(from));
    else skip(from, field);
  return { resultId, type: "named" in type ? type.named : "" };
}

function readRecipe(from: Source, end: number): Recipe {
  let root = "";
  const { bytes } = from;
  const calls = new Map<string, Call>();
  const read: Call[] = [];
  /** Start and end of the message of each call that was read. */
  const ranges: number[] = [];
  for (let field = nextField(from, end); field !== 0; field = nextField(from, end))
    if (field === 1) root = sharedText(from);
    else if (field === 2) {
      holdYoungGeneration(calls.size);
      const { digest, call, start, stop } = readEntry(from, endOf(from));
      // The key counts: calls themselves may omit their digest.
      calls.set(digest, call.digest === digest ? call : { ...call, digest });
      if (call.digest === digest) {
        read.push(call);
        ranges.push(start, stop);
      }
    } else skip(from, field);
  /** Places in `read` by digest, once somebody asks. */
  let places: Map<string, number> | undefined;
  const readFrom = (digest: string, message: Buffer, length = message.length): Call | undefined => {
    const at = (places ??= placesOf(read, calls)).get(digest);
    if (at === undefined) return undefined;
    return message.compare(bytes, ranges[2 * at], ranges[2 * at + 1], 0, length) === 0 ? read[at] : undefined;
  };
  return { root, calls, readFrom };
}

/** Places of the calls that stand in the recipe under their digest. */
function placesOf(read: readonly Call[], calls: Recipe["calls"]): Map<string, number> {
  const places = new Map<string, number>();
  for (const [place, call] of read.entries())
    if (calls.get(call.digest) === call) places.set(call.digest, place);
  return places;
}

/** A call under its key, and where its message stands. */
type Entry = { readonly digest: string; readonly call: Call; readonly start: number; readonly stop: number };

function readEntry(from: Source, end: number): Entry {
  let digest = "";
  let call: Call | undefined;
  let [start, stop] = [end, end];
  for (let field = nextField(from, end); field !== 0; field = nextField(from, end))
    if (field === 1) digest = sharedText(from);
    else if (field === 2) {
      stop = endOf(from);
      start = from.wire.pos;
      call = readCall(from, stop);
    } else skip(from, field);
  return { digest, call: call ?? readCall(from, from.wire.pos), start, stop };
}

function readCall(from: Source, end: number): Call {
  let [receiver, name, digest, view, nth] = ["", "", "", "", 0];
  let type: TypeRef = noType;
  let module: ModuleRef | undefined;
  let args: Call["args"] = none;
  let effectIds: Call["effectIds"] = none;
  let extraDigests: Call["extraDigests"] = none;
  let implicitInputs: Call["implicitInputs"] = none;
  for (let field = nextField(from, end); field !== 0; field = nextField(from, end))
    switch (field) {
      case 1:
        receiver = sharedText(from);
        break;
      case 2:
        type = readType(from, endOf(from));
        break;
      case 3:
        name = sharedText(from);
        break;
      case 4:
        args = appended(args, readArgument(from, endOf(from)));
        break;
      case 7:
        nth = integer(from);
        break;
      case 8:
        module = readModule(from, endOf(from));
        break;
      case 9:
        digest = sharedText(from);
        break;
      case 10:
        view = sharedText(from);
        break;
      case 13:
        effectIds = appended(effectIds, text(from));
        break;
      case 14:
        extraDigests = appended(extraDigests, readExtraDigest(from, endOf(from)));
        break;
      case 15:
        implicitInputs = appended(implicitInputs, readArgument(from, endOf(from)));
        break;
      default:
        skip(from, field);
    }
  args = finished(args);
  // Two literals, since a member that is added later takes its own memory: most calls have a receiver.
  const call: Call =
    receiver === ""
      ? { digest, type, field: name, args, view, effectIds, extraDigests, implicitInputs }
      : { digest, receiver, type, field: name, args, view, effectIds, extraDigests, implicitInputs };
  if (nth === 0 && module === undefined) return call;
  return { ...call, ...(nth === 0 ? {} : { nth }), ...(module === undefined ? {} : { module }) };
}

const noType: TypeRef = { named: "", nonNull: false };

function readType(from: Source, end: number): TypeRef {
  let named = "";
  let elem: TypeRef | undefined;
  let nonNull = false;
  for (let field = nextField(from, end); field !== 0; field = nextField(from, end))
    if (field === 1) named = sharedText(from);
    else if (field === 2) elem = readType(from, endOf(from));
    else if (field === 3) nonNull = from.wire.bool();
    else skip(from, field);
  if (elem !== undefined) return { elem, nonNull };
  const types = nonNull ? from.types.nonNull : from.types.nullable;
  const known = types.get(named);
  if (known !== undefined) return known;
  const type = { named, nonNull };
  types.set(named, type);
  return type;
}

function readModule(from: Source, end: number): ModuleRef {
  let [callDigest, name, ref, pin] = ["", "", "", ""];
  for (let field = nextField(from, end); field !== 0; field = nextField(from, end))
    if (field === 1) callDigest = sharedText(from);
    else if (field === 2) name = sharedText(from);
    else if (field === 3) ref = sharedText(from);
    else if (field === 4) pin = sharedText(from);
    else skip(from, field);
  return { callDigest, name, ref, pin };
}

function readExtraDigest(from: Source, end: number): ExtraDigest {
  let [digest, label] = ["", ""];
  for (let field = nextField(from, end); field !== 0; field = nextField(from, end))
    if (field === 1) digest = text(from);
    else if (field === 2) label = sharedText(from);
    else skip(from, field);
  return { digest, label };
}

function readArgument(from: Source, end: number): Argument {
  let name = "";
  let value: Literal = nothing;
  for (let field = nextField(from, end); field !== 0; field = nextField(from, end))
    if (field === 1) name = sharedText(from);
    else if (field === 2) value = readLiteral(from, endOf(from));
    else skip(from, field);
  return { name, value };
}

const nothing: Literal = { kind: "null" };

function readLiteral(from: Source, end: number): Literal {
  let literal = nothing;
  for (let field = nextField(from, end); field !== 0; field = nextField(from, end))
    literal = literalOf(from, field) ?? literal;
  return literal;
}

/** Undefined for a field that no literal has. */
function literalOf(from: Source, field: number): Literal | undefined {
  switch (field) {
    case 1:
      return { kind: "call", digest: sharedText(from) };
    case 2:
      from.wire.bool();
      return nothing;
    case 3:
      return { kind: "bool", value: from.wire.bool() };
    case 4:
      return { kind: "enum", value: text(from) };
    case 5:
      return { kind: "int", value: integer(from) };
    case 6:
      return { kind: "float", value: from.wire.double() };
    case 7:
      return { kind: "string", value: text(from) };
    case 8:
      return { kind: "list", values: readList(from, endOf(from), readLiteral) };
    case 9:
      return { kind: "object", values: readList(from, endOf(from), readArgument) };
    case 10:
      return readDigested(from, endOf(from));
    default:
      skip(from, field);
      return undefined;
  }
}

/** A `ListMessage` or an `ObjectMessage`: its elements are in field 1. */
function readList<T>(from: Source, end: number, read: (from: Source, end: number) => T): readonly T[] {
  let values: readonly T[] = none;
  for (let field = nextField(from, end); field !== 0; field = nextField(from, end))
    if (field === 1) values = appended(values, read(from, endOf(from)));
    else skip(from, field);
  return finished(values);
}

function readDigested(from: Source, end: number): Literal {
  let [value, digest] = ["", ""];
  for (let field = nextField(from, end); field !== 0; field = nextField(from, end))
    if (field === 1) value = text(from);
    else if (field === 2) digest = text(from);
    else skip(from, field);
  return { kind: "digestedString", value, digest };
}
