/** The functions of a served module, as the engine's own schema tells them. */
import { askUntraced, type EnginePort, refusal } from "../gather/engine.js";
import { isRecord, recordsOf, textOf } from "../json.js";

/** A GraphQL type: `name` of the innermost, and whether it is a list or may be left out. */
export type FieldType = {
  readonly kind: string;
  readonly name: string;
  readonly isList: boolean;
  readonly isRequired: boolean;
};

export type FieldArgument = { readonly name: string; readonly type: FieldType; readonly hasDefault: boolean };

export type Field = {
  readonly name: string;
  readonly type: FieldType;
  readonly args: readonly FieldArgument[];
};

const typeRef = "type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/** The fields of an object type. */
export async function fieldsOf(engine: EnginePort, type: string): Promise<Field[]> {
  const query = `query ($type: String!) {
    __type(name: $type) { fields { name ${typeRef} args { name defaultValue ${typeRef} } } }
  }`;
  const answer = await askUntraced(engine, query, { type });
  const reason = refusal(answer);
  if (reason !== undefined) throw new Error(reason);
  const found = isRecord(answer.data) ? answer.data["__type"] : undefined;
  return recordsOf(isRecord(found) ? found["fields"] : undefined).map((field) => ({
    name: textOf(field["name"]),
    type: typeOf(field["type"]),
    args: recordsOf(field["args"]).map((argument) => ({
      name: textOf(argument["name"]),
      type: typeOf(argument["type"]),
      hasDefault: typeof argument["defaultValue"] === "string",
    })),
  }));
}

function typeOf(value: unknown): FieldType {
  let [isList, isRequired] = [false, false];
  let type = isRecord(value) ? value : {};
  for (let depth = 0; isRecord(type["ofType"]); depth++) {
    if (type["kind"] === "LIST") isList = true;
    if (type["kind"] === "NON_NULL" && depth === 0) isRequired = true;
    type = type["ofType"];
  }
  return { kind: textOf(type["kind"]), name: textOf(type["name"]), isList, isRequired };
}
