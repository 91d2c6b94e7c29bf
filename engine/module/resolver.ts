/** What the engine hands to a resolver; see ../README.md. */

/** A value of the engine: an object behind an id. */
export type ObjectRef = { readonly type: string; id(): string; value(): Promise<unknown> };

export type ResolverCall = {
  /** Value of the object that the field belongs to; undefined for Query. */
  readonly receiver: unknown;
  readonly args: Readonly<Record<string, unknown>>;
  readonly context: {
    readonly client: { readonly workdir: string; readonly data: unknown };
    load(id: string): Promise<ObjectRef>;
    ref(type: string, field: string, args?: Record<string, unknown>, receiver?: ObjectRef): ObjectRef;
  };
};

export type Resolve = (call: ResolverCall) => unknown;

/** An eager resolver runs when its field is selected; any other when something below it is asked. */
export type Resolver = Resolve | { readonly eager: true; readonly resolve: Resolve };

/** By "Type.field". */
export type Resolvers = Readonly<Record<string, Resolver>>;
