/** Between the generated messages and the types that the rest of the project reads. */
import type { MessageInitShape } from "@bufbuild/protobuf";

import type {
  ArgumentMessage,
  ArgumentMessageSchema,
  CallMessage,
  CallMessageSchema,
  LiteralMessage,
  LiteralMessageSchema,
  TypeMessage,
  TypeMessageSchema,
} from "./call_pb.js";
import type { Argument, Call, Literal, TypeRef } from "./types.js";

/** `digest` is the key under which the call stands: calls themselves may omit it. */
export function fromCallMessage(digest: string, call: CallMessage): Call {
  const { module } = call;
  return {
    digest,
    ...(call.receiverDigest === "" ? {} : { receiver: call.receiverDigest }),
    type: fromTypeMessage(call.type),
    field: call.field,
    args: call.args.map(fromArgumentMessage),
    ...(call.nth === 0n ? {} : { nth: Number(call.nth) }),
    ...(module === undefined
      ? {}
      : {
          module: { callDigest: module.callDigest, name: module.name, ref: module.ref, pin: module.pin },
        }),
    view: call.view,
    effectIds: call.effectIds,
    extraDigests: call.extraDigests.map(({ digest: extra, label }) => ({ digest: extra, label })),
    implicitInputs: call.implicitInputs.map(fromArgumentMessage),
  };
}

export function toCallMessage(call: Call): MessageInitShape<typeof CallMessageSchema> {
  return {
    receiverDigest: call.receiver ?? "",
    type: toTypeMessage(call.type),
    field: call.field,
    args: call.args.map(toArgumentMessage),
    nth: BigInt(call.nth ?? 0),
    ...(call.module === undefined ? {} : { module: { ...call.module } }),
    digest: call.digest,
    view: call.view,
    effectIds: [...call.effectIds],
    extraDigests: call.extraDigests.map((extra) => ({ ...extra })),
    implicitInputs: call.implicitInputs.map(toArgumentMessage),
  };
}

function fromTypeMessage(type: TypeMessage | undefined): TypeRef {
  if (type === undefined) return { named: "", nonNull: false };
  if (type.elem !== undefined) return { elem: fromTypeMessage(type.elem), nonNull: type.nonNull };
  return { named: type.namedType, nonNull: type.nonNull };
}

function toTypeMessage(type: TypeRef): MessageInitShape<typeof TypeMessageSchema> {
  return "elem" in type
    ? { elem: toTypeMessage(type.elem), nonNull: type.nonNull }
    : { namedType: type.named, nonNull: type.nonNull };
}

function fromArgumentMessage(argument: ArgumentMessage): Argument {
  return { name: argument.name, value: fromLiteralMessage(argument.value) };
}

function toArgumentMessage(argument: Argument): MessageInitShape<typeof ArgumentMessageSchema> {
  return { name: argument.name, value: toLiteralMessage(argument.value) };
}

function fromLiteralMessage(message: LiteralMessage | undefined): Literal {
  const literal = message?.value;
  switch (literal?.case) {
    case "callDigest":
      return { kind: "call", digest: literal.value };
    case "bool":
      return { kind: "bool", value: literal.value };
    case "enum":
      return { kind: "enum", value: literal.value };
    case "int":
      return { kind: "int", value: Number(literal.value) };
    case "float":
      return { kind: "float", value: literal.value };
    case "string":
      return { kind: "string", value: literal.value };
    case "list":
      return { kind: "list", values: literal.value.values.map(fromLiteralMessage) };
    case "object":
      return { kind: "object", values: literal.value.values.map(fromArgumentMessage) };
    case "digestedString":
      return { kind: "digestedString", value: literal.value.value, digest: literal.value.digest };
    case "null":
    case undefined:
      return { kind: "null" };
  }
}

type LiteralInit = MessageInitShape<typeof LiteralMessageSchema>;

function toLiteralMessage(literal: Literal): LiteralInit {
  switch (literal.kind) {
    case "call":
      return { value: { case: "callDigest", value: literal.digest } };
    case "null":
      return { value: { case: "null", value: true } };
    case "bool":
      return { value: { case: "bool", value: literal.value } };
    case "enum":
      return { value: { case: "enum", value: literal.value } };
    case "int":
      return { value: { case: "int", value: BigInt(literal.value) } };
    case "float":
      return { value: { case: "float", value: literal.value } };
    case "string":
      return { value: { case: "string", value: literal.value } };
    case "list":
      return { value: { case: "list", value: { values: literal.values.map(toLiteralMessage) } } };
    case "object":
      return { value: { case: "object", value: { values: literal.values.map(toArgumentMessage) } } };
    case "digestedString":
      return { value: { case: "digestedString", value: { value: literal.value, digest: literal.digest } } };
  }
}
