/** Fields of Query that make values out of nothing, and of the small types. */
import { arch } from "node:process";

import { emptyConfig, emptyRoot, type ContainerValue } from "../container/types.js";
import { EngineError } from "../graph/error.js";
import { type Field, fieldsOf, isQuery } from "../graph/fields.js";
import type { Outcome, Resolve, Resolvers } from "../graph/types.js";
import { addContent } from "../store/objects.js";
import { emptyTree } from "../tree/edit.js";
import type { DirectoryValue, FileValue } from "../tree/types.js";

export const engineVersion = "v0.21.8";

export const defaultPlatform = `linux/${arch === "x64" ? "amd64" : arch}`;

const platformPattern = /^[a-z0-9]+\/[a-z0-9]+(\/[a-z0-9.]+)?$/;

const makers: Readonly<Record<string, Field<undefined>>> = {
  version: () => engineVersion,
  defaultPlatform: () => defaultPlatform,
  container: (_, args): ContainerValue => {
    const platform = args.optionalText("platform") ?? defaultPlatform;
    if (!platformPattern.test(platform))
      throw new EngineError(`platform ${JSON.stringify(platform)}: os/architecture expected`);
    return {
      kind: "container",
      platform,
      config: emptyConfig,
      mounts: [],
      root: () => Promise.resolve(emptyRoot),
    };
  },
  directory: (): DirectoryValue => ({ kind: "directory", tree: emptyTree, name: "/" }),
  file: (_, args, { services }): FileValue => {
    const name = args.text("name");
    if (name === "" || name.includes("/"))
      throw new EngineError(`name ${JSON.stringify(name)}: a name without directories expected`);
    return {
      kind: "file",
      entry: addContent(services.store, args.text("contents"), { mode: args.int("permissions") }),
      name,
    };
  },
  cacheVolume: (_, args) => ({ kind: "cache", key: args.text("key") }),
  error: (_, args) => ({ kind: "error", message: args.text("message") }),
  host: {
    eager: true,
    resolve: (_, __, { client }) => {
      if (!client.main)
        throw new EngineError("a function has no host; take directories, files and secrets as arguments");
      return { kind: "host" };
    },
  },
};

/** withError: fails on purpose, so that its path tells the chain that it stands in. */
const failing: Resolvers[string] = {
  eager: true,
  resolve: ({ args, receiver }): unknown => {
    const message = args["err"];
    if (typeof message === "string" && message !== "") throw new EngineError(message);
    const outcome: Outcome = { outcome: true, value: receiver };
    return outcome;
  },
};

/** Fields of plain records: what a list of them holds is theirs to read. */
function recordFields(type: string, names: readonly string[]): Resolvers {
  const pick =
    (name: string): Resolve =>
    ({ receiver }) => {
      if (typeof receiver !== "object" || receiver === null)
        throw new Error(`${type}.${name} asked of no ${type}`);
      const found: [string, unknown] | undefined = Object.entries(receiver).find(([key]) => key === name);
      return found?.[1] ?? null;
    };
  return Object.fromEntries(names.map((name) => [`${type}.${name}`, pick(name)]));
}

export const queryResolvers: Resolvers = {
  ...fieldsOf("Query", isQuery, makers),
  "Container.withError": failing,
  "Directory.withError": failing,
  ...recordFields("EnvVariable", ["name", "value"]),
  ...recordFields("Label", ["name", "value"]),
  ...recordFields("Error", ["message"]),
  ...recordFields("Port", ["port", "protocol", "description", "experimentalSkipHealthcheck"]),
  ...recordFields("Stat", ["name", "fileType", "size", "permissions"]),
};
