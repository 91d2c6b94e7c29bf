import { readdirSync, readFileSync } from "node:fs";
import { dirname, extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

import ts from "typescript";
import { describe, expect, test } from "vitest";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Loaded by `await import()` where they are needed: each costs start-up time at every call otherwise. */
const heavy = [
  "@bufbuild/cel",
  "@bufbuild/protobuf",
  "@cyclonedx/cyclonedx-library",
  "@sigstore/",
  "ajv",
  "ajv-formats",
  "ajv-formats-draft2019",
  "dockerfile-ast",
  "tar-stream",
  "typescript",
  "yaml",
];

type Source = { readonly path: string; readonly file: ts.SourceFile };

function sources(directory: string): Source[] {
  return readdirSync(join(root, directory), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && [".ts", ".mts"].includes(extname(entry.name)))
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const file = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ES2022, true);
      return { path: relative(root, path).split(sep).join("/"), file };
    });
}

/** What a file imports when it is loaded: static imports and re-exports, those of types alone left out. */
function staticImports(file: ts.SourceFile): string[] {
  return file.statements.flatMap((statement) => {
    if (ts.isImportDeclaration(statement)) {
      return statement.importClause?.isTypeOnly === true ? [] : [specifier(statement)];
    }
    if (ts.isExportDeclaration(statement)) return statement.isTypeOnly ? [] : [specifier(statement)];
    return [];
  });
}

/** Every module that a file names, types and dynamic imports included. */
function allImports(file: ts.SourceFile): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) found.push(specifier(node));
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [first] = node.arguments;
      if (first !== undefined && ts.isStringLiteralLike(first)) found.push(first.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function specifier(node: ts.ImportDeclaration | ts.ExportDeclaration): string {
  const from = node.moduleSpecifier;
  return from !== undefined && ts.isStringLiteral(from) ? from.text : "";
}

function classes(file: ts.SourceFile): ts.ClassDeclaration[] {
  return file.statements.filter((statement) => ts.isClassDeclaration(statement));
}

function isDecorated(found: ts.ClassDeclaration): boolean {
  return (ts.getDecorators(found) ?? []).some((decorator) => decorator.getText().startsWith("@object"));
}

const src = sources("src");

describe("package.json", () => {
  // Dagger mounts a copy of its own, of another version, when it reads its default; npm cannot replace a mount point.
  test("typescript is not written as Dagger's default, or npm fails with EBUSY on an engine", () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
    };
    expect(dependencies["typescript"]).toBe("=5.9.3");
  });
});

describe("src/", () => {
  test("is there", () => {
    expect(src.map(({ path }) => path)).toContain("src/index.ts");
  });

  test("imports Dagger in src/index.ts and src/dagger/ alone", () => {
    const found = src
      .filter(({ path }) => path !== "src/index.ts" && !path.startsWith("src/dagger/"))
      .filter(({ file }) => allImports(file).some((name) => name.startsWith("@dagger.io/dagger")));
    expect(found.map(({ path }) => path)).toEqual([]);
  });

  test("loads no heavy library before it is needed", () => {
    // Generated protobuf code can't but import its runtime, which is small.
    const written = src.filter(({ path }) => !path.endsWith("_pb.ts"));
    const found = written.flatMap(({ path, file }) =>
      staticImports(file)
        .filter((name) =>
          heavy.some((library) => name === library || name.startsWith(`${library.replace(/\/$/, "")}/`)),
        )
        .map((name) => `${path}: ${name}`),
    );
    expect(found).toEqual([]);
  });

  test("holds no tests and no path that the SDK skips", () => {
    const found = src.map(({ path }) => path).filter((path) => /\.(test|spec)\.|__tests__|dist/.test(path));
    expect(found).toEqual([]);
  });

  test("stands alone: it imports nothing of the engine, the command line, the tests or the tools", () => {
    const found = src.flatMap(({ path, file }) =>
      allImports(file)
        .filter((name) => name.startsWith("."))
        .map((name) => join(dirname(path), name).split(sep).join("/"))
        .filter((target) => !target.startsWith("src/"))
        .map((target) => `${path}: ${target}`),
    );
    expect(found).toEqual([]);
  });

  test("imports its own files by relative paths that end in .js", () => {
    const found = src.flatMap(({ path, file }) =>
      allImports(file)
        .filter((name) => name.startsWith(".") && !name.endsWith(".js") && !name.endsWith(".json"))
        .map((name) => `${path}: ${name}`),
    );
    expect(found).toEqual([]);
  });

  test("has one class of a name, and none named like a type of Dagger's", () => {
    const names = src.flatMap(({ file }) => classes(file).map((found) => found.name?.text ?? ""));
    const declarations = readFileSync(
      join(root, "node_modules/@dagger.io/dagger/dist/src/api/client.gen.d.ts"),
      "utf8",
    );
    const core = new Set([...declarations.matchAll(/^export declare class (\w+)/gm)].map(([, name]) => name));
    expect(core.has("Container")).toBe(true);
    expect(names.filter((name, index) => names.indexOf(name) !== index || core.has(name))).toEqual([]);
  });
});

describe("a class with @object()", () => {
  const decorated = src.flatMap(({ path, file }) =>
    classes(file)
      .filter(isDecorated)
      .map((found) => ({ name: `${path}: ${found.name?.text ?? ""}`, found })),
  );

  test("is there", () => {
    expect(decorated.map(({ found }) => found.name?.text)).toContain("Attest");
  });

  test("is exported and has no base class: inherited functions are not seen by Dagger", () => {
    const wrong = decorated.filter(({ found }) => {
      const isExported = found.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword);
      return isExported !== true || found.heritageClauses !== undefined;
    });
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });

  test("has no accessor, #private member, parameter property or function property: Dagger loses them", () => {
    const wrong = decorated.flatMap(({ name, found }) =>
      found.members.filter(isLost).map((member) => `${name}: ${member.getText().split("\n", 1)[0] ?? ""}`),
    );
    expect(wrong).toEqual([]);
  });
});

function isLost(member: ts.ClassElement): boolean {
  if (ts.isAccessor(member)) return true;
  if (member.name !== undefined && ts.isPrivateIdentifier(member.name)) return true;
  if (ts.isPropertyDeclaration(member)) {
    return member.initializer !== undefined && ts.isArrowFunction(member.initializer);
  }
  if (!ts.isConstructorDeclaration(member)) return false;
  return member.parameters.some((parameter) => ts.isParameterPropertyDeclaration(parameter, member));
}
