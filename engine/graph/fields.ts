/** Makes the resolvers of one type, with the receiver checked and the arguments readable. */
import { type Args, readArgs } from "./args.js";
import type { Resolve, Resolver, ResolverContext, Resolvers } from "./types.js";

type FieldOf<T> = (self: T, args: Args, context: ResolverContext) => unknown;

export type Field<T> =
  FieldOf<T> | { readonly eager: true; readonly once?: boolean; readonly resolve: FieldOf<T> };

export function fieldsOf<T>(
  type: string,
  is: (value: unknown) => value is T,
  fields: Readonly<Record<string, Field<T>>>,
): Resolvers {
  const resolvers: Record<string, Resolver> = {};
  for (const [name, field] of Object.entries(fields)) {
    const run = typeof field === "function" ? field : field.resolve;
    const resolve: Resolve = ({ receiver, args, context }) => {
      if (!is(receiver)) throw new Error(`${type}.${name} asked of something that is no ${type}`);
      return run(receiver, readArgs(args), context);
    };
    resolvers[`${type}.${name}`] =
      typeof field === "function"
        ? resolve
        : { eager: true, ...(field.once === undefined ? {} : { once: field.once }), resolve };
  }
  return resolvers;
}

export function isQuery(value: unknown): value is undefined {
  return value === undefined;
}

/** A guard for values that carry their kind. */
export function isKind<T extends { readonly kind: string }>(kind: T["kind"]): (value: unknown) => value is T {
  return (value): value is T =>
    typeof value === "object" && value !== null && "kind" in value && value.kind === kind;
}
