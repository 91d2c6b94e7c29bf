/** What the SDK's entry point asks an engine for while it serves a call: one call per client. */
import { FunctionError, type CallResult, type FunctionCall } from "./host.js";
import type { JsonValue } from "./types.js";
import { workdirDirectory, workdirFile } from "./workdir.js";
import type { ObjectRef, Outcome, Resolvers } from "../graph/types.js";

/** The call that a process serves, and what came of it. It is the `data` of the process's client. */
export type CallSlot = {
  /** Tells the call from every other of the session. */
  readonly key: string;
  readonly call: FunctionCall;
  result: CallResult | undefined;
};

export const runtimeSchema = `
directive @expectedType(name: String!) on ARGUMENT_DEFINITION

scalar JSON
scalar Void

extend type Query {
  currentFunctionCall: FunctionCall!
  currentModule: CurrentModule!
}

type FunctionCall implements Node {
  id: ID!
  inputArgs: [FunctionCallArgValue!]!
  name: String!
  parent: JSON!
  parentName: String!
  returnError(error: ID!): Void
  returnValue(value: JSON!): Void
}

type FunctionCallArgValue implements Node {
  id: ID!
  name: String!
  value: JSON!
}

type CurrentModule implements Node {
  id: ID!
  name: String!
  workdir(path: String!, exclude: [String!] = [], include: [String!] = [], gitignore: Boolean = false): Directory!
  workdirFile(path: String!): File!
}

extend type Error {
  values: [ErrorValue!]!
  withValue(name: String!, value: JSON!): Error!
}

type ErrorValue implements Node {
  id: ID!
  name: String!
  value: JSON!
}
`;

type ErrorValue = { readonly name: string; readonly value: unknown };

/** An Error of the engine's, with the values that were added to it. */
type ReturnedError = { readonly message: string; readonly values?: readonly ErrorValue[] };

type InputArg = FunctionCall["inputArgs"][number];

export function runtimeResolvers(): Resolvers {
  return {
    "Query.currentFunctionCall": { eager: true, resolve: ({ context }) => ownCall(context.client.data) },
    "Query.currentModule": { eager: true, resolve: ({ context }) => ownCall(context.client.data) },
    "CurrentModule.workdir": { eager: true, resolve: workdirDirectory },
    "CurrentModule.workdirFile": { eager: true, resolve: workdirFile },
    "CurrentModule.name": ({ receiver }) => slotOf(receiver).call.moduleName,
    "FunctionCall.name": ({ receiver }) => slotOf(receiver).call.name,
    "FunctionCall.parentName": ({ receiver }) => slotOf(receiver).call.parentName,
    "FunctionCall.parent": ({ receiver }) => JSON.stringify(slotOf(receiver).call.parent),
    "FunctionCall.inputArgs": { eager: true, resolve: ({ receiver }) => slotOf(receiver).call.inputArgs },
    "FunctionCallArgValue.name": ({ receiver }) => (receiver as InputArg).name,
    "FunctionCallArgValue.value": ({ receiver }) => JSON.stringify((receiver as InputArg).value),
    "FunctionCall.returnValue": ({ receiver, args }) => {
      slotOf(receiver).result = { kind: "value", value: JSON.parse(String(args["value"])) as JsonValue };
      return null;
    },
    "FunctionCall.returnError": async ({ receiver, args }) => {
      const error = (await (args["error"] as ObjectRef).value()) as ReturnedError;
      const extensions = Object.fromEntries((error.values ?? []).map(({ name, value }) => [name, value]));
      slotOf(receiver).result = { kind: "error", message: error.message, extensions };
      return null;
    },
    "Error.withValue": ({ receiver, args }): ReturnedError => {
      const { message, values = [] } = receiver as ReturnedError;
      const value: unknown = JSON.parse(String(args["value"]));
      return { message, values: [...values, { name: String(args["name"]), value }] };
    },
    "Error.values": ({ receiver }) => (receiver as ReturnedError).values ?? [],
    "ErrorValue.name": ({ receiver }) => (receiver as ErrorValue).name,
    "ErrorValue.value": ({ receiver }) => JSON.stringify((receiver as ErrorValue).value),
  };
}

/** Every client asks the same question: the key makes its answer another value than the others'. */
function ownCall(data: unknown): Outcome {
  const slot = slotOf(data);
  const key = { name: "call", value: { kind: "string", value: slot.key } } as const;
  return { outcome: true, value: slot, implicitInputs: [key] };
}

function slotOf(value: unknown): CallSlot {
  if (typeof value === "object" && value !== null && "call" in value) return value as CallSlot;
  throw new FunctionError("no function is being called: this client is not a function's");
}
