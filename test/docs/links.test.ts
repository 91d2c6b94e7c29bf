import { access, readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";

import { beforeAll, expect, test } from "vitest";

import { anchors, filesBelow, type Page, prose, readPages, root } from "./pages.js";

let pages: ReadonlyMap<string, Page>;

beforeAll(async () => {
  pages = new Map((await readPages()).map((page) => [page.path, page]));
});

type Link = { readonly page: Page; readonly target: string };

/** `[text](target)` and `[name]: target`, those into the project only. */
function links(page: Page): Link[] {
  const text = prose(page);
  const inline = [...text.matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g)];
  const named = [...text.matchAll(/^\[[^\]]+\]: +(\S+)/gm)];
  return [...inline, ...named]
    .map(([, target = ""]) => ({ page, target }))
    .filter(({ target }) => !/^[a-z][a-z0-9+.-]*:/.test(target));
}

async function exists(path: string): Promise<boolean> {
  return await access(join(root, path)).then(
    () => true,
    () => false,
  );
}

/** What is wrong with a link; undefined where nothing is. */
async function fault({ page, target }: Link): Promise<string | undefined> {
  const [path = "", anchor] = target.split("#", 2);
  const file = path === "" ? page.path : normalize(join(dirname(page.path), path));
  if (!(await exists(file))) return `${page.path}: ${target}: there is no ${file}`;
  const linked = pages.get(file);
  if (anchor === undefined || linked === undefined || anchors(linked).includes(anchor)) return undefined;
  return `${page.path}: ${target}: ${file} has no heading for #${anchor}`;
}

test("every link into the project has its file and its heading", async () => {
  const found = await Promise.all([...pages.values()].flatMap(links).map(fault));
  expect(found.filter((line) => line !== undefined)).toEqual([]);
});

test("every page that a comment in the code names is there", async () => {
  const nested = await Promise.all(
    ["src", "engine", "scripts", "test", "bench"].map((folder) => filesBelow(folder, ".ts", ".sh", ".mjs")),
  );
  const lost: string[] = [];
  for (const path of nested.flat()) {
    const text = await readFile(join(root, path), "utf8");
    // In an address the page is another project's.
    for (const [page] of text.matchAll(/(?<![\w/-])docs\/[\w./-]+\.md/g)) {
      if (!(await exists(page))) lost.push(`${path}: ${page}`);
    }
  }
  expect(lost).toEqual([]);
});

test("every page of docs/ can be reached from docs/README.md", () => {
  const reached = new Set<string>();
  const queue = ["docs/README.md"];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const page = pages.get(path);
    if (page === undefined || reached.has(path)) continue;
    reached.add(path);
    queue.push(
      ...links(page).map(({ target }) => normalize(join(dirname(page.path), target.replace(/#.*/, "")))),
    );
  }
  const lost = [...pages.keys()].filter(
    (path) => path.startsWith("docs/") && !path.startsWith("docs/decisions/") && !reached.has(path),
  );
  expect(lost).toEqual([]);
});
