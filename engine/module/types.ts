/**
 * The types of a Dagger module as plain data: what the SDK's introspector finds in the module's
 * source, under the names that Dagger's API gives to it.
 */

/** A type as it stands in a signature. Names are those of the GraphQL schema. */
export type TypeReference =
  | { readonly kind: "string" | "integer" | "float" | "boolean" | "void" }
  | { readonly kind: "scalar" | "object" | "enum" | "interface"; readonly name: string }
  | { readonly kind: "list"; readonly of: TypeReference };

/** A value that crosses as JSON. */
export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export type ArgumentType = {
  readonly name: string;
  readonly description: string;
  readonly type: TypeReference;
  /** May be left out: nullable, or with a default that only the module itself can compute. */
  readonly optional: boolean;
  /** The default that the schema states; an enum's by member name. Absent where there is none. */
  readonly default?: JsonValue;
  /** A path in the module's own source that stands in when the argument is left out. */
  readonly defaultPath?: string;
  /** An image reference that stands in when the argument is left out. */
  readonly defaultAddress?: string;
  readonly deprecated?: string;
};

export type FunctionType = {
  readonly name: string;
  readonly description: string;
  readonly arguments: readonly ArgumentType[];
  readonly returns: TypeReference;
  /** How long a result may be reused: "never", "session", a duration, or "" for Dagger's default. */
  readonly cache: string;
  readonly deprecated?: string;
};

export type FieldType = {
  readonly name: string;
  readonly description: string;
  readonly type: TypeReference;
  readonly deprecated?: string;
};

/** What the module's own state holds, exposed or not. */
export type PropertyType = { readonly name: string; readonly type: TypeReference };

export type ObjectType = {
  /** Name in the schema: the class `Attestation` of the module `attest` is `AttestAttestation`. */
  readonly name: string;
  /** Name of the class in the module's source. */
  readonly className: string;
  readonly description: string;
  /** The constructor's arguments; absent where the class states no constructor. */
  readonly constructorArguments?: readonly ArgumentType[];
  readonly functions: readonly FunctionType[];
  /** Exposed fields: read from the state, without starting the module. */
  readonly fields: readonly FieldType[];
  /** Every declared property, exposed or not, by its name in the state. */
  readonly state: readonly PropertyType[];
};

export type EnumType = {
  readonly name: string;
  readonly enumName: string;
  readonly description: string;
  readonly members: readonly EnumMember[];
};

export type EnumMember = {
  /** Name in the schema and on the command line. */
  readonly name: string;
  /** Name in the module's source: what its runtime takes and gives. */
  readonly sourceName: string;
  readonly description: string;
};

export type ModuleTypes = {
  /** Name as in dagger.json. */
  readonly name: string;
  readonly description: string;
  /** Name in the schema of the object that the module's constructor returns. */
  readonly mainObject: string;
  readonly objects: readonly ObjectType[];
  readonly enums: readonly EnumType[];
};
