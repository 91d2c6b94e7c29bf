/** Address: what a user writes for a container, directory, file, git ref or secret. */
import { statSync } from "node:fs";
import { resolve } from "node:path";

import { archiveKind } from "../container/archive.js";
import type { Args } from "../graph/args.js";
import { EngineError } from "../graph/error.js";
import { type Field, fieldsOf, isKind, isQuery } from "../graph/fields.js";
import type { ObjectRef, ResolverContext, Resolvers } from "../graph/types.js";
import { parseGitAddress } from "../git/address.js";
import { requireHost } from "./host.js";

type AddressValue = { readonly kind: "address"; readonly value: string };

/** The value is what the address stands for, with that one's recipe: `container.from`, `host.directory`. */
function standsFor(
  make: (address: string, context: ResolverContext, args: Args) => ObjectRef | Promise<ObjectRef>,
): Field<AddressValue> {
  return { eager: true, resolve: (self, args, context) => make(self.value, context, args) };
}

/**
 * An image reference, as on Dagger; beyond Dagger a path of this machine with an image in it: an OCI layout
 * directory, an OCI archive, a docker-save archive. `oci:`, `oci-archive:`, `docker-archive:` say so outright.
 */
async function container(address: string, context: ResolverContext): Promise<ObjectRef> {
  const scratch = context.ref("Container", "container");
  const image = await imagePath(address, context);
  if (image === undefined) return context.select("Container", "from", { address }, scratch);
  requireHost(context.client.main, "an image of the machine");
  const host = await context.select("Host", "host");
  const source = await (image.isDirectory
    ? context.select("Directory", "directory", { path: image.path }, host)
    : context.select("File", "file", { path: image.path }, host));
  return context.ref("Container", "import", { source }, scratch);
}

async function imagePath(
  address: string,
  { client, services }: ResolverContext,
): Promise<{ path: string; isDirectory: boolean } | undefined> {
  const transport = /^(oci|oci-archive|docker-archive):(.+)$/.exec(address)?.[2];
  const path = transport ?? address.replace(/^file:\/\//, "");
  const isOutright = transport !== undefined || /^(\.{0,2}\/|\.{1,2}$|file:\/\/)/.test(address);
  // A function has no host: what it names is in a registry.
  if (!client.main && !isOutright) return undefined;
  const place = resolve(services.workdir, path);
  const stats = statSync(place, { throwIfNoEntry: false });
  if (stats === undefined && isOutright) throw new EngineError(`${path}: no such file or directory`);
  const kind = stats === undefined ? undefined : await archiveKind(place);
  if (kind !== undefined) return { path, isDirectory: stats?.isDirectory() ?? false };
  // A file or directory may by chance have the name of an image.
  if (!isOutright && !stats?.isFile()) return undefined;
  throw new EngineError(
    `${path} is no image: an OCI layout directory, an OCI archive or a docker-save archive expected`,
  );
}

async function directory(address: string, context: ResolverContext, args: Args): Promise<ObjectRef> {
  const selection = { include: args.texts("include"), exclude: args.texts("exclude") };
  const git = parseGitAddress(address);
  if (git === undefined) {
    const host = await context.select("Host", "host");
    const path = localPath(address);
    return context.select(
      "Directory",
      "directory",
      { path, ...selection, gitignore: args.flag("gitignore"), noCache: args.flag("noCache") },
      host,
    );
  }
  const tree = context.ref("Directory", "tree", {}, gitRefOf(address, context));
  const below = git.path === "" ? tree : context.ref("Directory", "directory", { path: git.path }, tree);
  const isWhole = selection.include.length === 0 && selection.exclude.length === 0;
  return isWhole ? below : context.ref("Directory", "filter", selection, below);
}

async function file(address: string, context: ResolverContext, args: Args): Promise<ObjectRef> {
  const git = parseGitAddress(address);
  if (git === undefined) {
    const host = await context.select("Host", "host");
    return context.select("File", "file", { path: localPath(address), noCache: args.flag("noCache") }, host);
  }
  if (git.path === "") throw new EngineError(`${address}: a file expected, as in URL#REF:PATH`);
  const tree = context.ref("Directory", "tree", {}, gitRefOf(address, context));
  return context.ref("File", "file", { path: git.path }, tree);
}

function localPath(address: string): string {
  return address.replace(/^file:\/\//, "");
}

function gitRepository(address: string, context: ResolverContext): ObjectRef {
  const url = parseGitAddress(address)?.url;
  if (url === undefined)
    throw new EngineError(`${address}: a git URL expected, as in https://example.com/repository.git#REF`);
  return context.ref("GitRepository", "git", { url });
}

function gitRefOf(address: string, context: ResolverContext): ObjectRef {
  const repository = gitRepository(address, context);
  const name = parseGitAddress(address)?.ref ?? "";
  if (name === "") return context.ref("GitRef", "head", {}, repository);
  return context.ref("GitRef", "ref", { name }, repository);
}

export const addressResolvers: Resolvers = {
  ...fieldsOf("Query", isQuery, {
    address: (_, args): AddressValue => ({ kind: "address", value: args.text("value") }),
  }),
  ...fieldsOf("Address", isKind<AddressValue>("address"), {
    value: (self) => self.value,
    container: standsFor(container),
    directory: standsFor(directory),
    file: standsFor(file),
    gitRef: standsFor(gitRefOf),
    gitRepository: standsFor(gitRepository),
    secret: standsFor((uri, context) => context.select("Secret", "secret", { uri })),
  }),
};
