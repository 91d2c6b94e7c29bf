/** Container fields that run a command, or read what the last one said. */
import { readFile } from "node:fs/promises";

import { type ExecResult, mountedFileName, runExec } from "../container/exec.js";
import type { ContainerValue, ExecRecord, Mount } from "../container/types.js";
import { EngineError } from "../graph/error.js";
import { type Field, fieldsOf } from "../graph/fields.js";
import type { ResolverContext, Resolvers } from "../graph/types.js";
import { once } from "../store/memo.js";
import type { WorkFacts } from "../telemetry/recorder.js";
import { objectPath } from "../store/objects.js";
import { fileAt } from "../tree/edit.js";
import type { FileEntry } from "../tree/types.js";
import { expandText } from "./paths.js";
import { isContainer } from "./values.js";

const withExec: Field<ContainerValue> = (self, args, context) => {
  const asked = args.texts("args").map((arg) => (args.flag("expand") ? expandText(self, arg) : arg));
  const named = asked.length === 0 ? self.config.args : asked;
  const command =
    args.flag("useEntrypoint") || asked.length === 0 ? [...self.config.entrypoint, ...named] : named;
  if (command.length === 0)
    throw new EngineError("no command: args is empty, and the container has no default");
  const options = {
    args: command,
    stdin: args.text("stdin"),
    redirectStdout: args.text("redirectStdout"),
    redirectStderr: args.text("redirectStderr"),
    expect: args.text("expect"),
  };
  const run = once(() =>
    context.located(() => context.recorded(() => runExec(context.services, self, options), factsOf)),
  );
  const { imageRef: _, ...rest } = self;
  return {
    ...rest,
    root: async () => (await run()).root,
    exec: async () => (await run()).record,
    mounts: self.mounts.map((mount) => afterRun(mount, run)),
  } satisfies ContainerValue;
};

function factsOf({ started, cached, record, usage }: ExecResult): WorkFacts {
  return { started, cached, exitCode: record.exitCode, ...(usage === undefined ? {} : { usage }) };
}

/** A mount as the command left it. */
function afterRun(mount: Mount, run: () => ReturnType<typeof runExec>): Mount {
  if (mount.kind === "directory") {
    return { ...mount, tree: async () => (await run()).mounts.get(mount.path) ?? (await mount.tree()) };
  }
  if (mount.kind === "file") {
    return {
      ...mount,
      entry: async () => {
        const tree = (await run()).mounts.get(mount.path);
        return tree === undefined ? mount.entry() : fileAt(tree, mountedFileName);
      },
    };
  }
  return mount;
}

async function lastExec(self: ContainerValue): Promise<ExecRecord> {
  if (self.exec === undefined)
    throw new EngineError("no command has been run in this container; use withExec first");
  return self.exec();
}

function output(pick: (record: ExecRecord) => FileEntry): Field<ContainerValue> {
  return async (self, _, context: ResolverContext) =>
    readFile(objectPath(context.services.store, pick(await lastExec(self)).object), "utf8");
}

export const containerExecResolvers: Resolvers = fieldsOf("Container", isContainer, {
  withExec,
  stdout: output((record) => record.stdout),
  stderr: output((record) => record.stderr),
  combinedOutput: output((record) => record.combined),
  exitCode: async (self) => (await lastExec(self)).exitCode,
});
