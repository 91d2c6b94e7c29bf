/** The digest of a call: sha256 over its canonical JSON, without the digest itself. */
import { createHash } from "node:crypto";

import type { Argument, Call, Literal } from "../../src/recipe/index.js";

export function withDigest(call: Omit<Call, "digest">): Call {
  const canonical = JSON.stringify([
    call.receiver ?? null,
    call.type,
    call.field,
    call.args.map(canonicalArgument),
    call.nth ?? 0,
    call.module === undefined
      ? null
      : [call.module.callDigest, call.module.name, call.module.ref, call.module.pin],
    call.extraDigests.map((extra) => [extra.digest, extra.label]),
    call.implicitInputs.map(canonicalArgument),
  ]);
  return { ...call, digest: `sha256:${createHash("sha256").update(canonical).digest("hex")}` };
}

function canonicalArgument(argument: Argument): unknown {
  return [argument.name, canonicalLiteral(argument.value)];
}

function canonicalLiteral(literal: Literal): unknown {
  switch (literal.kind) {
    case "call":
      return [literal.kind, literal.digest];
    case "null":
      return [literal.kind];
    case "list":
      return [literal.kind, literal.values.map(canonicalLiteral)];
    case "object":
      return [literal.kind, literal.values.map(canonicalArgument)];
    case "digestedString":
      return [literal.kind, literal.digest];
    case "bool":
    case "enum":
    case "int":
    case "float":
    case "string":
      return [literal.kind, literal.value];
  }
}
