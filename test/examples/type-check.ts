/** Type-checks TypeScript that is written against the module's generated client. */
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import ts from "typescript";

import { goldenTypes } from "../docs/commands.js";
import { root } from "../docs/pages.js";
import { typescriptClient } from "./typescript-client.js";

/** The compiler's complaints about files given by name and text; the text's directory is `scratch`. */
export async function typeCheck(files: ReadonlyMap<string, string>, scratch: string): Promise<string[]> {
  await mkdir(join(scratch, "sdk"), { recursive: true });
  await symlink(join(root, "node_modules"), join(scratch, "node_modules")).catch(() => undefined);
  const sdk = join(root, "node_modules", "@dagger.io", "dagger", "dist", "src", "index.js");
  await writeFile(join(scratch, "sdk", "index.d.ts"), typescriptClient(await goldenTypes(), sdk));
  for (const [name, text] of files) await writeFile(join(scratch, name), text);
  const program = ts.createProgram(
    [...files.keys()].map((name) => join(scratch, name)),
    {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      strict: true,
      skipLibCheck: true,
      experimentalDecorators: true,
      noEmit: true,
      types: ["node"],
      typeRoots: [join(root, "node_modules", "@types")],
      paths: { "@dagger.io/dagger": [join(scratch, "sdk", "index.d.ts")] },
    },
  );
  return ts.getPreEmitDiagnostics(program).map((found) => describeDiagnostic(found, scratch));
}

function describeDiagnostic(found: ts.Diagnostic, scratch: string): string {
  const text = ts.flattenDiagnosticMessageText(found.messageText, "\n");
  if (found.file === undefined) return text;
  const { line } = found.file.getLineAndCharacterOfPosition(found.start ?? 0);
  return `${found.file.fileName.replace(`${scratch}/`, "")}:${line + 1}: ${text}`;
}
