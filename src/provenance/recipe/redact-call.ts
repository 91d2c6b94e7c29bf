/** Redaction of calls: which arguments may be shown, and which values betray credentials. */
import type { ArgumentValue } from "../evidence/step.js";
import { hidden, looksSecret, namesSecret, type Redactor, urlCredentials } from "../redact.js";
import type { Argument, Call, Literal } from "../../recipe/index.js";
import { textArgument, textOfLiteral, typeName } from "./call.js";

/** Text arguments of the API that describe the build and hold no content; all others are hidden. */
const shownText = new Set([
  "path",
  "paths",
  "address",
  "name",
  "platform",
  "owner",
  "key",
  "namespace",
  "sourcePath",
  "srcPath",
  "sourceRootPath",
  "include",
  "exclude",
  "protocol",
  "alias",
  "hostname",
  "target",
  "linkName",
  "dockerfile",
  "forcedCompression",
  "mediaTypes",
  "expect",
  "sharing",
  "format",
  "redirectStdin",
  "redirectStdout",
  "redirectStderr",
  "digest",
  "checksum",
  "branch",
  "tag",
  "id",
  "ref",
  "refString",
  "refPin",
]);
const urlText = new Set(["url", "remoteURL"]);
const commands = new Set(["args", "defaultArgs", "cmd"]);

/**
 * The arguments of a call as they may be shown; `contents`, values, secrets and unknown text stay hidden.
 * @param without name of an argument that stands elsewhere
 */
export function shownArguments(
  call: Call,
  redactor: Redactor,
  without?: string,
): Readonly<Record<string, ArgumentValue>> {
  if (call.args.every(({ name }) => name === without)) return noArguments;
  const shown: Record<string, ArgumentValue> = {};
  for (const { name, value } of call.args)
    if (name !== without) shown[name] = shownArgument(call, name, value, redactor);
  return shown;
}

/** Most calls have none: one for all. */
const noArguments: Readonly<Record<string, ArgumentValue>> = {};

function shownArgument(call: Call, name: string, value: Literal, redactor: Redactor): ArgumentValue {
  if (typeName(call) === "Secret") return name === "name" ? shownLiteral(value, redactor.text) : hidden;
  if (call.module !== undefined) return shownLiteral(value, namesSecret(name) ? () => hidden : redactor.text);
  if (commands.has(name) && value.kind === "list") return redactor.argv(texts(value));
  if (urlText.has(name)) return shownLiteral(value, redactor.url);
  const isPublic = shownText.has(name) || (name === "value" && /^with(?:Label|Annotation)$/.test(call.field));
  if (name === "buildArgs") return buildArgumentNames(value, redactor);
  return shownLiteral(value, isPublic ? redactor.text : () => hidden);
}

/** Arguments of `dockerBuild` by name: their values are environment of the build. */
function buildArgumentNames(value: Literal, redactor: Redactor): ArgumentValue {
  if (value.kind !== "list") return hidden;
  return value.values.map((item) => {
    const name = item.kind === "object" ? fieldText(item.values, "name") : undefined;
    return { name: name === undefined ? hidden : redactor.text(name) };
  });
}

function shownLiteral(literal: Literal, text: (value: string) => string): ArgumentValue {
  switch (literal.kind) {
    case "string":
    case "digestedString":
      return text(literal.value);
    case "null":
      return null;
    case "bool":
    case "int":
    case "float":
    case "enum":
      return literal.value;
    case "call":
      return { step: literal.digest };
    case "list":
      return literal.values.map((item) => shownLiteral(item, text));
    case "object":
      return Object.fromEntries(
        literal.values.map(({ name, value }) => [
          name,
          shownLiteral(value, namesSecret(name) ? () => hidden : text),
        ]),
      );
  }
}

/** Values in the calls that must not occur anywhere in the output, whatever argument they turn up in. */
export function knownSecrets(calls: Iterable<Call>): string[] {
  const known: string[] = [];
  for (const call of calls) for (const { name, value } of call.args) addSecrets(call, name, value, known);
  return known;
}

function addSecrets(call: Call, name: string, value: Literal, known: string[]): void {
  const text = textOfLiteral(value) ?? "";
  switch (name) {
    case "url":
    case "remoteURL":
      known.push(...urlCredentials(text));
      break;
    case "address":
      if (call.field !== "from" && call.field !== "publish") known.push(...urlCredentials(text));
      break;
    case "value":
      if (/^with(?:Env|Volatile)?Variable$/.test(call.field))
        known.push(...pairSecret(textArgument(call, "name"), text));
      break;
    case "buildArgs":
      for (const item of value.kind === "list" ? value.values : [])
        if (item.kind === "object")
          known.push(...pairSecret(fieldText(item.values, "name"), fieldText(item.values, "value") ?? ""));
      break;
    case "contents":
      if (isSecretFile(text.trim())) known.push(text.trim());
      break;
    case "plaintext":
      if (call.field === "setSecret" && text !== hidden) known.push(text);
  }
}

/** The value of a variable or build argument, where the name or the value says that it is a secret. */
function pairSecret(name: string | undefined, value: string): string[] {
  return namesSecret(name ?? "") || looksSecret(value) ? [value] : [];
}

/** Files of one short line are often nothing but a credential. */
function isSecretFile(contents: string): boolean {
  return looksSecret(contents) && contents.length <= 256 && !/\s/.test(contents);
}

function texts(list: Extract<Literal, { kind: "list" }>): string[] {
  return list.values.map((item) => textOfLiteral(item) ?? hidden);
}

function fieldText(fields: readonly Argument[], name: string): string | undefined {
  return textOfLiteral(fields.find((field) => field.name === name)?.value);
}
