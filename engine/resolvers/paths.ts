/** Paths as containers take them: relative to the working directory, `${NAME}` expanded when asked for. */
import { posix } from "node:path";

import type { ContainerValue, Mount } from "../container/types.js";
import { EngineError } from "../graph/error.js";
import type { Args } from "../graph/args.js";

export function absolutePath(self: ContainerValue, path: string): string {
  return posix.resolve("/", self.config.workdir, path);
}

/** The `path` argument (or another), absolute, expanded when `expand` says so. */
export function pathArgument(self: ContainerValue, args: Args, name = "path"): string {
  return absolutePath(self, expandPath(self, args, name));
}

export function expandPath(self: ContainerValue, args: Args, name = "path"): string {
  return args.flag("expand") ? expandText(self, args.text(name)) : args.text(name);
}

export function expandText(self: ContainerValue, text: string): string {
  return text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced?: string, bare?: string) => {
    const name = braced ?? bare ?? "";
    if (self.config.secretEnv.has(name)) {
      throw new EngineError(`${name} is a secret and can't be expanded`);
    }
    return self.config.env.get(name) ?? "";
  });
}

/** The mount that a path lies in, the innermost one. */
export function mountAt(self: ContainerValue, path: string): Mount | undefined {
  return [...self.mounts]
    .filter((mount) => path === mount.path || path.startsWith(mount.path === "/" ? "/" : `${mount.path}/`))
    .sort((a, b) => b.path.length - a.path.length)[0];
}

/** `a/b/` as a target means: into that directory, under the source's own name. */
export function fileTarget(asked: string, absolute: string, name: string): string {
  return asked.endsWith("/") || asked === "." ? posix.join(absolute, name) : absolute;
}
