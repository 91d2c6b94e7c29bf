/** Leaves of a call graph: where content comes in from outside, and what the calls say of it. */
import type { DigestSet } from "../../statement/types.js";
import type { Found } from "../evidence/found.js";
import type { Material, MaterialKind } from "../evidence/material.js";
import {
  gitLocator,
  hostLocator,
  httpLocator,
  isHostPath,
  imageLocator,
  type Locator,
  moduleLocator,
  moduleSourceUri,
} from "../locators.js";
import { redactUrl } from "../redact.js";
import type { Call } from "../../recipe/index.js";
import { contentOf, textArgument, typeName } from "./call.js";

/** A material as the calls describe it, before anybody was asked for a digest. */
export type Leaf = {
  readonly kind: MaterialKind;
  readonly uri: string;
  readonly requested?: string;
  readonly digests: DigestSet;
  readonly platform?: string;
  readonly name?: string;
};

/** The material that a leaf is. A build has tens of thousands: members are set one by one, and none is copied. */
export function materialOf(leaf: Leaf, { source, exactness }: Found, step: string): Material {
  const { kind, uri, digests } = leaf;
  const material: { -readonly [Member in keyof Material]: Material[Member] } = {
    source,
    exactness,
    kind,
    uri,
    digests,
    steps: [step],
  };
  for (const member of ["requested", "platform", "name"] as const) {
    const value = leaf[member];
    if (value !== undefined) material[member] = value;
  }
  return material;
}

/** Nothing can be added to it: it has its digest by the call, and one name. */
export function isSettled({ kind, digests }: Leaf): boolean {
  return kind !== "image" && Object.keys(digests).length > 0;
}

/**
 * The leaf that a call brings in, if it does.
 * @param operation `parent.field` of the call
 * @param repository the call that names the repository which a ref or commit hangs on, where there is one
 */
export function leafOf(
  call: Call,
  receiver: Call | undefined,
  operation: string,
  repository: () => Call | undefined = () => receiver,
): Leaf | undefined {
  switch (operation) {
    case "Container.from": {
      const platform = receiver?.field === "container" ? textArgument(receiver, "platform") : undefined;
      return leaf("image", imageLocator(textArgument(call, "address") ?? "", platform), platform);
    }
    case "Query._builtinContainer":
      return leaf("image", { uri: "dagger:builtin-container", digests: digestArgument(call) });
    case "Host.containerImage":
      return leaf("image", imageLocator(textArgument(call, "name") ?? ""));
    // Which ref they lead to is found in the repository: one of a directory is part of that.
    case "GitRef.commonAncestor":
    case "GitCommit.ancestorReleaseTag":
    case "GitCommit.releaseTag": {
      const named = repository();
      return named?.field === "git"
        ? leaf("git", gitLocator(textArgument(named, "url") ?? "", call.field))
        : undefined;
    }
    case "HTTPState._resolve":
      return leaf(
        "http",
        httpLocator(textArgument(receiver ?? call, "url") ?? "", textArgument(call, "checksum")),
      );
    case "Query.http":
      return leaf("http", httpLocator(textArgument(call, "url") ?? "", textArgument(call, "checksum")));
    case "Host.directory":
    case "Workspace.directory":
      return leaf("host-directory", withContent(hostLocator(textArgument(call, "path") || "."), call));
    case "Host.file":
    case "Workspace.file":
      return leaf("host-file", withContent(hostLocator(textArgument(call, "path") ?? ""), call));
    case "CurrentModule.source":
    case "CurrentModule.workdir":
    case "CurrentModule.workdirFile":
    case "ModuleSource.contextDirectory":
    case "ModuleSource.directory":
      return leaf("module", withContent({ uri: moduleSourceUri, digests: {} }, call));
    case "Query.moduleSource":
      return leaf(
        "module",
        moduleLocator(textArgument(call, "refString") ?? "", textArgument(call, "refPin")),
      );
    case "Address.directory":
    case "Address.file":
    case "Address.container":
    case "Address.gitRef":
    case "Address.gitRepository": {
      const address = textArgument(receiver ?? call, "value") ?? "";
      const isHosts = isHostPath(address) && (call.field === "directory" || call.field === "file");
      return isHosts
        ? leaf(`host-${call.field}`, withContent(hostLocator(address), call))
        : leaf("other", withContent({ uri: redactUrl(address), digests: {} }, call));
    }
  }
  // `commit` gives a GitRef before 1.0, and a GitCommit since.
  if (gitTypes.has(typeName(call)) && receiver?.field === "git")
    return leaf("git", gitLocator(textArgument(receiver, "url") ?? "", requestedRef(call)));
  return undefined;
}

const gitTypes: ReadonlySet<string> = new Set(["GitCommit", "GitRef"]);

function leaf(kind: MaterialKind, locator: Locator, platform?: string): Leaf {
  return platform === undefined ? { kind, ...locator } : { kind, ...locator, platform };
}

/** `tag(name)` asks for `refs/tags/name`, `branch(name)` for `refs/heads/name`; `head` for HEAD. */
function requestedRef(call: Call): string {
  const name = textArgument(call, "name") ?? textArgument(call, "id") ?? "";
  if (call.field === "tag") return name.startsWith("refs/") ? name : `refs/tags/${name}`;
  if (call.field === "branch") return name.startsWith("refs/") ? name : `refs/heads/${name}`;
  return name === "" ? (call.field === "head" ? "HEAD" : call.field) : name;
}

function withContent(locator: Locator, call: Call): Locator {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(contentOf(call) ?? "")?.[1];
  return hex === undefined ? locator : { ...locator, digests: { [contentDigestName]: hex } };
}

/**
 * Name in digest sets of the engine's own digest of a directory's content: SHA-256 over a form that is
 * the engine's (names, modes, contents), so it is no `sha256` of any file and must not be called that.
 */
export const contentDigestName = "daggerContentSha256";

function digestArgument(call: Call): DigestSet {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(textArgument(call, "digest") ?? "")?.[1];
  return hex === undefined ? {} : { sha256: hex };
}
