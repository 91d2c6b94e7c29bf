/**
 * A small `client.gen.ts`: the names of the core API's classes, enums and scalars, without their
 * methods. The introspector resolves a core type by finding its bare name in a file of that name;
 * the generated client itself, 400 kB, would cost a second more at each call.
 */

const className = /^export declare class (\w+)/gm;
const enumBlock = /^export declare enum \w+ \{[^}]*\}/gm;
const scalarAlias = /^export type \w+ = (?:string|number) & \{[^}]*\};/gm;

/** `declarations` is the text of the SDK's `client.gen.d.ts`. */
export function clientStub(declarations: string): string {
  const classes = [...declarations.matchAll(className)].map(([, name]) => `export class ${name ?? ""} {}`);
  const enums = (declarations.match(enumBlock) ?? []).map((block) => block.replace("declare ", ""));
  const scalars = declarations.match(scalarAlias) ?? [];
  return [...classes, ...enums, ...scalars, "export type float = number;", ""].join("\n");
}
