/**
 * A recipe: the calls that make a value, as Dagger's ids hold them. Digests of calls (`xxh3:...` on
 * Dagger, `sha256:...` on the local engine) are join keys, never digests of content.
 */

/** The whole graph below one value. */
export type Recipe = {
  /** Digest of the call that returns the value. */
  readonly root: string;
  readonly calls: ReadonlyMap<string, Call>;
  /** The call of that digest if it was read from this very message, of that length: what is equal to the byte tells the same. */
  readonly readFrom?: (digest: string, message: Buffer, length?: number) => Call | undefined;
};

/** One field selected on one receiver. */
export type Call = {
  readonly digest: string;
  /** Digest of the call that returned the receiver; absent for fields of Query. */
  readonly receiver?: string;
  readonly type: TypeRef;
  readonly field: string;
  readonly args: readonly Argument[];
  /** The element of a list that is meant, counted from 1. */
  readonly nth?: number;
  /** The module that serves the field; absent for the core. */
  readonly module?: ModuleRef;
  /** Version of the API's view, as in `v1.0.0`; "" where none is written. */
  readonly view: string;
  readonly effectIds: readonly string[];
  /** Digests of the result; the one labelled `content` is of its content. */
  readonly extraDigests: readonly ExtraDigest[];
  /** What the engine mixed into the digest; of no meaning outside of its session. */
  readonly implicitInputs: readonly Argument[];
};

/** `named` for an object or scalar, `elem` for a list. */
export type TypeRef = { readonly nonNull: boolean } & (
  { readonly named: string } | { readonly elem: TypeRef }
);

export type ModuleRef = {
  readonly callDigest: string;
  readonly name: string;
  readonly ref: string;
  readonly pin: string;
};

export type ExtraDigest = { readonly digest: string; readonly label: string };

export type Argument = { readonly name: string; readonly value: Literal };

export type Literal =
  /** The result of another call. */
  | { readonly kind: "call"; readonly digest: string }
  | { readonly kind: "null" }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "enum"; readonly value: string }
  | { readonly kind: "int"; readonly value: number }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "list"; readonly values: readonly Literal[] }
  | { readonly kind: "object"; readonly values: readonly Argument[] }
  /** A string that counts by its digest. */
  | { readonly kind: "digestedString"; readonly value: string; readonly digest: string };

/** What an id holds: the recipe, or only a reference to a result inside one engine. */
export type DecodedId =
  | ({ readonly kind: "recipe" } & Recipe)
  /** `type` is the name of the GraphQL type; "" where the id has none. */
  | { readonly kind: "handle"; readonly resultId: bigint; readonly type: string };
