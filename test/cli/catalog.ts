/** A catalog for the tests of the command line: one module object, one core object, one enum. */
import type { ArgumentType, FunctionType, ModuleTypes, TypeReference } from "../../engine/module/types.js";
import { type Catalog, makeCatalog } from "../../cli/catalog.js";

const text = { kind: "string" } as const;

export function argument(name: string, type: TypeReference, more: Partial<ArgumentType> = {}): ArgumentType {
  return { name, description: `The ${name}.`, type, optional: false, ...more };
}

export function func(
  name: string,
  returns: TypeReference,
  args: readonly ArgumentType[] = [],
  description = `Does ${name}.`,
): FunctionType {
  return { name, description, arguments: args, returns, cache: "" };
}

const report = { kind: "object", name: "DemoReport" } as const;
const file = { kind: "object", name: "File" } as const;

const demo: ModuleTypes = {
  name: "demo",
  description: "Shows things.",
  mainObject: "Demo",
  objects: [
    {
      name: "Demo",
      className: "Demo",
      description: "Shows things.",
      constructorArguments: [argument("toolImage", text, { optional: true, default: "tool:1" })],
      functions: [
        func(
          "scan",
          report,
          [
            argument("source", { kind: "object", name: "Directory" }),
            argument("level", { kind: "enum", name: "DemoLevel" }, { default: "LOW" }),
            argument("tags", { kind: "list", of: text }, { optional: true }),
            argument("files", { kind: "list", of: file }, { optional: true }),
            argument("depth", { kind: "integer" }, { optional: true }),
            argument("ratio", { kind: "float" }, { optional: true }),
            argument("deep", { kind: "boolean" }, { default: false }),
            argument("token", { kind: "object", name: "Secret" }, { optional: true }),
          ],
          "Scans a directory.\n\nIt reads every file, and says for each what it is made of, in words that fit on one line.",
        ),
        func("merge", report, [argument("reports", { kind: "list", of: report })]),
        func("names", { kind: "list", of: text }),
        func("reports", { kind: "list", of: report }),
        func("reset", { kind: "void" }),
      ],
      fields: [],
      state: [],
    },
    {
      name: "DemoReport",
      className: "Report",
      description: "What was found.",
      functions: [func("asFile", file)],
      fields: [{ name: "sha256", description: "Its digest.", type: text }],
      state: [],
    },
  ],
  enums: [
    {
      name: "DemoLevel",
      enumName: "Level",
      description: "How closely to look.",
      members: [
        { name: "LOW", sourceName: "LOW", description: "A glance." },
        { name: "VERY_HIGH", sourceName: "VeryHigh", description: "Everything." },
      ],
    },
  ],
};

export const catalog: Catalog = makeCatalog(
  demo,
  {
    objects: [
      {
        name: "File",
        description: "A file.",
        functions: [
          func("contents", text),
          func("export", text, [argument("path", text)]),
          func("size", { kind: "integer" }),
          func("sync", { kind: "scalar", name: "ID" }),
        ],
      },
    ],
    enums: [],
  },
  "demo",
);
