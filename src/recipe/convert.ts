/** From the types that the rest of the project reads to the generated messages, for writing. */
import type { MessageInitShape } from "@bufbuild/protobuf";

import type {
  ArgumentMessageSchema,
  CallMessageSchema,
  LiteralMessageSchema,
  TypeMessageSchema,
} from "./call_pb.js";
import type { Argument, Call, Literal, TypeRef } from "./types.js";

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

function toTypeMessage(type: TypeRef): MessageInitShape<typeof TypeMessageSchema> {
  return "elem" in type
    ? { elem: toTypeMessage(type.elem), nonNull: type.nonNull }
    : { namedType: type.named, nonNull: type.nonNull };
}

function toArgumentMessage(argument: Argument): MessageInitShape<typeof ArgumentMessageSchema> {
  return { name: argument.name, value: toLiteralMessage(argument.value) };
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
