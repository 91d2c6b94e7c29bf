/** The project's Markdown pages, and what can be checked in them. */
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export type Page = { readonly path: string; readonly text: string };

export type Block = {
  /** `docs/tutorial.md:12`: where its first line stands. */
  readonly where: string;
  readonly language: string;
  readonly text: string;
};

const folders = ["docs", "examples", "engine", "bench"];

/** Every page that users or contributors read. */
export async function readPages(): Promise<Page[]> {
  const nested = await Promise.all(folders.map((folder) => filesBelow(folder, ".md")));
  const top = (await readdir(root)).filter((name) => name.endsWith(".md"));
  const paths = [...top, ...nested.flat()].sort();
  return await Promise.all(paths.map(readPage));
}

export async function readPage(path: string): Promise<Page> {
  return { path, text: await readFile(join(root, path), "utf8") };
}

/** Paths below a folder, relative to the project's root. */
export async function filesBelow(folder: string, ...endings: string[]): Promise<string[]> {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

/** The fenced blocks of a page. */
export function blocks(page: Page): Block[] {
  const found: Block[] = [];
  let open: { line: number; language: string; indent: number; lines: string[] } | undefined;
  for (const [index, line] of page.text.split("\n").entries()) {
    const fence = /^( *)(?:```|~~~)(\S*)/.exec(line);
    if (fence === null) open?.lines.push(line.slice(open.indent));
    else if (open === undefined) {
      open = { line: index + 2, language: fence[2] ?? "", indent: fence[1]?.length ?? 0, lines: [] };
    } else {
      const { line: first, language, lines } = open;
      found.push({ where: `${page.path}:${first}`, language, text: `${lines.join("\n")}\n` });
      open = undefined;
    }
  }
  return found;
}

/** A page without its fenced blocks, so that what looks like a link in code is none. */
export function prose(page: Page): string {
  return page.text.replace(/^ *(```|~~~)[\s\S]*?^ *\1$/gm, "").replace(/`[^`\n]*`/g, "code");
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchors(page: Page): string[] {
  const seen = new Map<string, number>();
  const text = page.text.replace(/^ *(```|~~~)[\s\S]*?^ *\1$/gm, "");
  return [...text.matchAll(/^#{1,6} +(.+?) *$/gm)].map(([, heading = ""]) => {
    const anchor = anchorOf(heading);
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  });
}

function anchorOf(heading: string): string {
  return heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, "")
    .replaceAll(" ", "-");
}
