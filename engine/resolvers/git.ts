/** Git repositories by URL or out of a directory. Refs are looked up when they are used, once per session. */
import { EngineError } from "../graph/error.js";
import { fieldsOf, isKind, isQuery } from "../graph/fields.js";
import type { Resolvers } from "../graph/types.js";
import { parseGitAddress } from "../git/address.js";
import type { GitAccess } from "../git/git.js";
import {
  type GitRefValue,
  type GitRepositoryValue,
  anyRef,
  commitOf,
  headOf,
  namedRef,
  namesBelow,
  repositoryOf,
} from "../git/repository.js";
import { checkoutTree } from "../git/tree.js";
import type { Args } from "../graph/args.js";
import { checkout } from "../tree/checkout.js";
import type { DirectoryValue } from "../tree/types.js";
import { isDirectory, later, secretOf } from "./values.js";

const isRepository = isKind<GitRepositoryValue>("gitRepository");
const isRef = isKind<GitRefValue>("gitRef");

/** A token stands for a password, as GitHub, GitLab and Bitbucket take it. */
function accessOf(args: Args): GitAccess {
  const [token, header] = [args.optionalRef("httpAuthToken"), args.optionalRef("httpAuthHeader")];
  if (header !== undefined) {
    const secret = later(secretOf, header);
    return { authorization: async () => (await secret()).plaintext() };
  }
  if (token === undefined) return {};
  const secret = later(secretOf, token);
  const username = args.text("httpAuthUsername") || "x-access-token";
  const authorization = async (): Promise<string> =>
    `Basic ${Buffer.from(`${username}:${await (await secret()).plaintext()}`).toString("base64")}`;
  return { authorization };
}

function urlOf(given: string): string {
  // `github.com/owner/name` means https, as on Dagger.
  const url = given.includes("://") || given.includes("@") ? given : `https://${given}`;
  if (parseGitAddress(url) === undefined)
    throw new EngineError(`git ${given}: an https, http, ssh or git URL expected`);
  return url;
}

export const gitResolvers: Resolvers = {
  ...fieldsOf("Query", isQuery, {
    git: (_, args, { services }): GitRepositoryValue => {
      const url = urlOf(args.text("url"));
      return repositoryOf(services, url, () => Promise.resolve(url), accessOf(args));
    },
  }),
  ...fieldsOf("Directory", isDirectory, {
    asGit: (self, _, { services }): GitRepositoryValue => {
      if (![...self.tree.keys()].some((path) => path === ".git/HEAD" || path === "HEAD"))
        throw new EngineError("the directory is no git repository: it holds neither .git nor HEAD");
      return repositoryOf(services, null, () => checkout(services.store, self.tree));
    },
  }),
  ...fieldsOf("GitRepository", isRepository, {
    url: (self) => self.url,
    head: headOf,
    ref: (self, args) => anyRef(self, args.text("name")),
    branch: (self, args) => namedRef(self, args.text("name"), [fullName("refs/heads/", args)]),
    tag: (self, args) => namedRef(self, args.text("name"), [fullName("refs/tags/", args)]),
    commit: (self, args) => commitOf(self, args.text("id")),
    branches: (self, args) => namesBelow(self, "refs/heads/", args.texts("patterns")),
    tags: (self, args) => namesBelow(self, "refs/tags/", args.texts("patterns")),
  }),
  ...fieldsOf("GitRef", isRef, {
    commit: async (self) => (await self.resolved()).commit,
    ref: async (self) => (await self.resolved()).ref,
    tree: async (self, args, { services }): Promise<DirectoryValue> => ({
      kind: "directory",
      tree: await checkoutTree(services, self, {
        discardGitDir: args.flag("discardGitDir"),
        depth: args.int("depth"),
        includeTags: args.flag("includeTags"),
      }),
      name: "/",
    }),
  }),
};

function fullName(prefix: string, args: Args): string {
  const name = args.text("name");
  return name.startsWith("refs/") ? name : `${prefix}${name}`;
}
