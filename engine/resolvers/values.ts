/** Values behind ids, checked: an id of another type is refused in words. */
import type { ContainerValue } from "../container/types.js";
import { EngineError } from "../graph/error.js";
import { isKind } from "../graph/fields.js";
import type { ObjectRef } from "../graph/types.js";
import type { SecretValue } from "../secret/keeper.js";
import { once } from "../store/memo.js";
import type { DirectoryValue, FileValue } from "../tree/types.js";

export const isContainer = isKind<ContainerValue>("container");
export const isDirectory = isKind<DirectoryValue>("directory");
export const isFile = isKind<FileValue>("file");
export const isSecret = isKind<SecretValue>("secret");

function reader<T>(type: string, is: (value: unknown) => value is T): (ref: ObjectRef) => Promise<T> {
  return async (ref) => {
    const value = await ref.value();
    if (!is(value)) throw new EngineError(`an id of a ${type} expected, got one of a ${ref.type}`);
    return value;
  };
}

export const containerOf = reader("Container", isContainer);
export const directoryOf = reader("Directory", isDirectory);
export const fileOf = reader("File", isFile);
export const secretOf = reader("Secret", isSecret);

/** Reads the value when it is needed, and once. */
export function later<T>(read: (ref: ObjectRef) => Promise<T>, ref: ObjectRef): () => Promise<T> {
  return once(() => read(ref));
}
