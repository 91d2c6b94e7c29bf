/** docs/reference.md: every function, field and enum of the module, from the same types as `--help`. */
import { callable, type Catalog, type CatalogObject, hasFlag, isRequired } from "../../cli/catalog.js";
import { commandLines, type Example } from "../../cli/examples.js";
import { typeName } from "../../cli/help.js";
import { kebabCase } from "../../engine/module/names.js";
import type {
  ArgumentType,
  EnumType,
  FunctionType,
  ModuleTypes,
  TypeReference,
} from "../../engine/module/types.js";

const introduction = `# Reference

Every function of the module, from its own types: \`npm run docs\` writes this page, do not edit it.
Names are those of the command line. In code they are the same words: \`as-file\` is \`asFile()\` in TypeScript,
\`AsFile()\` in Go and \`as_file()\` in Python; \`--predicate-type\` is the argument \`predicateType\`. An object's name
in the API starts with the module's: \`Attestation\` here is \`AttestAttestation\` there.

\`./attest FUNCTION --help\` tells the same for one function, \`./attest functions FUNCTION...\` lists what can follow.`;

export function referencePage(
  types: ModuleTypes,
  catalog: Catalog,
  examples: ReadonlyMap<FunctionType, Example>,
): string {
  const objects = types.objects.flatMap(({ name }) => catalog.objects.get(name) ?? []);
  const page = new ReferencePage(types, catalog, examples);
  const parts = [
    introduction,
    contents(types, objects),
    ...objects.flatMap((object) => page.object(object)),
    ...types.enums.map((found) => enumSection(types, found)),
  ];
  return `${parts.join("\n\n")}\n`;
}

function contents(types: ModuleTypes, objects: readonly CatalogObject[]): string {
  const rows = objects.map((object) => {
    const title = shortName(types, object.name);
    const names = functionsOf(types, object).map(({ name }) => link(kebabCase(name), headingOf(title, name)));
    return `- ${[link(title, title), ...(names.length > 0 ? [names.join(", ")] : [])].join(": ")}`;
  });
  const enums = types.enums.map(({ name }) => link(shortName(types, name), shortName(types, name)));
  return [...rows, ...(enums.length > 0 ? [`- Enums: ${enums.join(", ")}`] : [])].join("\n");
}

class ReferencePage {
  constructor(
    private readonly types: ModuleTypes,
    private readonly catalog: Catalog,
    private readonly examples: ReadonlyMap<FunctionType, Example>,
  ) {}

  object(object: CatalogObject): string[] {
    const isMain = object.name === this.types.mainObject;
    const title = shortName(this.types, object.name);
    const constructorArguments = isMain ? this.catalog.constructorFunction.arguments : [];
    return [
      `## ${title}`,
      prose(isMain ? this.types.description : object.description),
      ...(constructorArguments.length > 0
        ? ["The module's own arguments, before any function:", this.argumentTable(constructorArguments)]
        : []),
      ...this.fields(object),
      ...functionsOf(this.types, object).flatMap((called) => this.function(title, called)),
    ];
  }

  private fields(object: CatalogObject): string[] {
    const fields = this.types.objects.find(({ name }) => name === object.name)?.fields ?? [];
    const rows = fields.map(
      (field) =>
        `| \`${kebabCase(field.name)}\` | ${this.typeLink(field.type)} | ${cell(field.description)} |`,
    );
    return rows.length === 0 ? [] : [["| field | type | |", "| --- | --- | --- |", ...rows].join("\n")];
  }

  private function(owner: string, called: FunctionType): string[] {
    const flags = called.arguments.filter((argument) => hasFlag(argument.type));
    const example = this.examples.get(called);
    return [
      `### ${headingOf(owner, called.name)}`,
      prose(called.description),
      ...(flags.length > 0 ? [this.argumentTable(flags)] : []),
      `Returns ${this.typeLink(called.returns)}.${cacheNote(called.cache)}`,
      ...(example === undefined
        ? []
        : [["```sh", ...commandLines("dagger call", example.words, 100), "```"].join("\n")]),
    ];
  }

  private argumentTable(found: readonly ArgumentType[]): string {
    const ordered = [...found.filter(isRequired), ...found.filter((argument) => !isRequired(argument))];
    const rows = ordered.map((argument) => {
      const flag = `\`--${kebabCase(argument.name)}\``;
      const needed = isRequired(argument) ? "**required** " : "";
      return `| ${flag} | ${this.typeLink(argument.type)} | ${needed}${cell(this.argumentText(argument))} |`;
    });
    return ["| argument | type | |", "| --- | --- | --- |", ...rows].join("\n");
  }

  private argumentText(argument: ArgumentType): string {
    const value = argument.default ?? argument.defaultPath ?? argument.defaultAddress;
    const isTold = / Default:/.test(argument.description);
    const shown = typeof value === "string" && value !== "" ? value : JSON.stringify(value);
    const defaultText = value === undefined || value === null || isTold ? "" : `. Default: \`${shown}\``;
    return `${argument.description.trim().replace(/\.$/, "")}${defaultText}`;
  }

  private typeLink(type: TypeReference): string {
    if (type.kind === "list") return `list of ${this.typeLink(type.of)}`;
    if (type.kind === "void") return "nothing";
    const isOwn =
      (type.kind === "object" && this.types.objects.some(({ name }) => name === type.name)) ||
      (type.kind === "enum" && this.types.enums.some(({ name }) => name === type.name));
    if (!isOwn) return `\`${typeName(type)}\``;
    const title = shortName(this.types, typeName(type));
    return link(title, title);
  }
}

/** The functions of an object without its fields. */
function functionsOf(types: ModuleTypes, object: CatalogObject): FunctionType[] {
  const fields = types.objects.find(({ name }) => name === object.name)?.fields ?? [];
  return callable(object).filter((called) => !fields.some(({ name }) => name === called.name));
}

function enumSection(types: ModuleTypes, found: EnumType): string {
  const rows = found.members.map((member) => `| \`${member.name}\` | ${cell(member.description)} |`);
  const table = ["| member | |", "| --- | --- |", ...rows].join("\n");
  return [`## ${shortName(types, found.name)}`, prose(found.description), table].join("\n\n");
}

function cacheNote(cache: string): string {
  switch (cache) {
    case "never":
      return " Runs at each call.";
    case "session":
      return " Runs once per session.";
    default:
      return "";
  }
}

/** `AttestAttestation` → `Attestation`; the main object keeps its name. */
function shortName(types: ModuleTypes, name: string): string {
  return name !== types.mainObject && name.startsWith(types.mainObject)
    ? name.slice(types.mainObject.length)
    : name;
}

function headingOf(owner: string, functionName: string): string {
  return `${owner} ${kebabCase(functionName)}`;
}

/** A link to a heading of the page, as GitHub makes anchors. */
function link(text: string, heading: string): string {
  return `[${text}](#${heading.toLowerCase().replaceAll(" ", "-")})`;
}

/** A doc comment as Markdown: its paragraphs, with `<` and `*` meant as they stand. */
function prose(text: string): string {
  return text
    .trim()
    .split(/(`[^`]*`)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll("<", "&lt;").replaceAll("*", "\\*")))
    .join("");
}

function cell(text: string): string {
  return prose(text)
    .replace(/\s*\n\s*/g, " ")
    .replaceAll("|", "\\|");
}
