/** Fields of File. */
import { readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

import { fieldsOf } from "../graph/fields.js";
import { EngineError } from "../graph/error.js";
import type { Resolvers } from "../graph/types.js";
import { objectPath } from "../store/objects.js";
import { exportFile } from "../tree/checkout.js";
import { fileDigest } from "../tree/digest.js";
import { makeUserDirectory } from "../tree/make-user-directory.js";
import type { FileValue } from "../tree/types.js";
import { statOf } from "./container-files.js";
import { exporting, exportTarget } from "./exports.js";
import { isFile } from "./values.js";

const longestContents = 128 * 1024 * 1024;

export const fileResolvers: Resolvers = fieldsOf<FileValue>("File", isFile, {
  sync: () => null,
  name: (self) => self.name,
  size: (self) => self.entry.size,
  digest: (self, args) => fileDigest(self.name, self.entry, args.flag("excludeMetadata")),
  stat: (self) => statOf(self.name, self.entry),
  contents: async (self, args, { services }) => {
    if (self.entry.size > longestContents) {
      throw new EngineError(
        `${self.name}: ${self.entry.size} bytes are more than contents returns (${longestContents}); export the file`,
      );
    }
    const text = await readFile(objectPath(services.store, self.entry.object), "utf8");
    const [offset, limit] = [args.optionalInt("offsetLines"), args.optionalInt("limitLines")];
    if (offset === undefined && limit === undefined) return text;
    const start = offset ?? 0;
    return text
      .split(/(?<=\n)/)
      .slice(start, limit === undefined ? undefined : start + limit)
      .join("");
  },
  withName: (self, args): FileValue => ({ ...self, name: args.text("name") }),
  withTimestamps: (self, args): FileValue => ({
    ...self,
    entry: { ...self.entry, mtime: args.int("timestamp") },
  }),
  export: async (self, args, { client, services }) => {
    const asked = resolve(client.workdir, args.text("path"));
    const intoDirectory = args.flag("allowParentDirPath") && (await isDirectoryThere(asked));
    const target = intoDirectory ? join(asked, self.name) : asked;
    const work = async () => {
      await makeUserDirectory(dirname(target));
      await exportFile(services.store, self.entry, target);
    };
    await services.report.during(`export ${args.text("path")}`, () => exporting(target, work));
    return exportTarget(client, target, args.text("path"));
  },
});

async function isDirectoryThere(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ?? false;
}
