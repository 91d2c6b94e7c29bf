/** Calls the functions of a module: what stands between the engine's resolvers and the processes. */
import type { ModuleRunner } from "./runner.js";
import type {
  ArgumentType,
  FunctionType,
  JsonValue,
  ModuleTypes,
  ObjectType,
  TypeReference,
} from "./types.js";

/** A call as the SDK's runtime asks for it: `currentFunctionCall`. */
export type FunctionCall = {
  readonly moduleName: string;
  /** Class name of the object. */
  readonly parentName: string;
  /** Name of the function; "" for the constructor. */
  readonly name: string;
  /** State of the object. */
  readonly parent: JsonValue;
  readonly inputArgs: readonly { readonly name: string; readonly value: JsonValue }[];
};

/** What the runtime answered: `returnValue`, `returnError`, or nothing. */
export type CallResult =
  | { readonly kind: "value"; readonly value: JsonValue }
  | { readonly kind: "error"; readonly message: string; readonly extensions: Record<string, unknown> };

/** A client of the engine whose `currentFunctionCall` is one given call. */
export type FunctionClient = {
  readonly port: number;
  readonly token: string;
  result(): CallResult | undefined;
  close(): void | Promise<void>;
};

/** Opens a client for a call. Its working directory is what relative paths of the function mean. */
export type OpenFunctionClient = (
  call: FunctionCall,
  workdir: string,
) => FunctionClient | Promise<FunctionClient>;

/** A function of the module failed: its message, with what the engine had said to it. */
export class FunctionError extends Error {
  override readonly name = "FunctionError";

  constructor(
    message: string,
    readonly extensions: Record<string, unknown> = {},
  ) {
    super(message);
  }
}

export class ModuleHost {
  constructor(
    readonly types: ModuleTypes,
    private readonly runner: ModuleRunner,
    private readonly openClient: OpenFunctionClient,
  ) {}

  /** State of the main object. Without an explicit constructor it is empty, as on Dagger. */
  async construct(given: Readonly<Record<string, JsonValue>>): Promise<JsonValue> {
    const main = this.object(this.types.mainObject);
    const taken = main.constructorArguments;
    if (taken === undefined) return {};
    return await this.run(main, "", {}, taken, given);
  }

  /**
   * Calls a function of an object in the given state. `given` holds arguments by name: enums by schema
   * name, core objects by id, objects of the module as their state. The result comes in the same form.
   */
  async call(
    objectName: string,
    state: JsonValue,
    called: FunctionType,
    given: Readonly<Record<string, JsonValue>>,
  ): Promise<JsonValue> {
    const object = this.object(objectName);
    const result = await this.run(object, called.name, state, called.arguments, given);
    return called.returns.kind === "void" ? null : this.fromSource(called.returns, result);
  }

  /** An exposed field, read from the state. */
  field(state: JsonValue, name: string, type: TypeReference): JsonValue {
    const found = isRecord(state) ? state[name] : undefined;
    return found === undefined || found === null ? null : this.fromSource(type, found);
  }

  async close(): Promise<void> {
    await this.runner.close();
  }

  private object(name: string): ObjectType {
    const found = this.types.objects.find((object) => object.name === name);
    if (found === undefined) throw new Error(`module ${this.types.name} has no object ${name}`);
    return found;
  }

  private async run(
    object: ObjectType,
    name: string,
    parent: JsonValue,
    taken: readonly ArgumentType[],
    given: Readonly<Record<string, JsonValue>>,
  ): Promise<JsonValue> {
    const call: FunctionCall = {
      moduleName: this.types.name,
      parentName: object.className,
      name,
      parent,
      inputArgs: taken.flatMap((argument) => {
        const value = given[argument.name] ?? argument.default;
        return value === undefined
          ? []
          : [{ name: argument.name, value: this.toSource(argument.type, value) }];
      }),
    };
    const served = await this.runner.take();
    this.runner.prepare();
    try {
      return await this.serve(call, served);
    } finally {
      await served.dispose();
    }
  }

  private async serve(
    call: FunctionCall,
    served: Awaited<ReturnType<ModuleRunner["take"]>>,
  ): Promise<JsonValue> {
    const client = await this.openClient(call, served.workdir);
    try {
      const exit = await served.run(client);
      const result = client.result();
      if (result?.kind === "value") return result.value;
      if (result?.kind === "error") throw new FunctionError(result.message, result.extensions);
      const shown = exit.lastLines.map((line) => `\n  ${line}`).join("");
      const where = `${call.parentName}.${call.name === "" ? "constructor" : call.name}`;
      throw new FunctionError(`${where} ended without a result (exit code ${exit.code ?? "none"})${shown}`);
    } finally {
      await client.close();
    }
  }

  private toSource(type: TypeReference, value: JsonValue): JsonValue {
    return this.mapEnums(type, value, "name", "sourceName");
  }

  private fromSource(type: TypeReference, value: JsonValue): JsonValue {
    return this.mapEnums(type, value, "sourceName", "name");
  }

  /** Enum members have one name in the schema and may have another in the module's source. */
  private mapEnums(
    type: TypeReference,
    value: JsonValue,
    from: "name" | "sourceName",
    to: "name" | "sourceName",
  ): JsonValue {
    if (type.kind === "list" && Array.isArray(value)) {
      return value.map((item: JsonValue) => this.mapEnums(type.of, item, from, to));
    }
    if (type.kind !== "enum") return value;
    const members = this.types.enums.find((found) => found.name === type.name)?.members ?? [];
    return members.find((member) => member[from] === value)?.[to] ?? value;
  }
}

function isRecord(value: JsonValue): value is { readonly [key: string]: JsonValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
