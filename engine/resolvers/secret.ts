/** Secrets. Plaintexts are given to whoever asks for `plaintext` and to execs; no id, key or log holds one. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";

import { commandOutput } from "../buildah/command.js";
import { EngineError } from "../graph/error.js";
import { type Field, fieldsOf, isQuery } from "../graph/fields.js";
import type { Outcome, Resolvers } from "../graph/types.js";
import type { SecretValue } from "../secret/keeper.js";
import type { EngineServices } from "../services.js";
import { once } from "../store/memo.js";
import { requireHost } from "./host.js";
import { isSecret } from "./values.js";

/** A secret of the caller's machine, read when it is used. */
export function secretAt(services: EngineServices, uri: string): SecretValue {
  const [scheme, ...rest] = uri.split(":");
  const name = rest.join(":").replace(/^\/\//, "");
  const read = readers[scheme ?? ""];
  if (read === undefined || name === "") {
    throw new EngineError(
      `secret ${JSON.stringify(uri)}: env:NAME, file:PATH or cmd:COMMAND expected; for other providers run with Dagger`,
    );
  }
  return { kind: "secret", name: uri, uri, plaintext: once(() => read(services, name)) };
}

const readers: Readonly<Record<string, (services: EngineServices, name: string) => Promise<string>>> = {
  env: ({ env }, name) => {
    const value = env[name];
    if (value === undefined)
      return Promise.reject(new EngineError(`secret env:${name}: the variable is not set`));
    return Promise.resolve(value);
  },
  file: async ({ workdir }, path) => {
    try {
      return await readFile(resolve(workdir, path.replace(/^~(?=\/)/, process.env["HOME"] ?? "~")), "utf8");
    } catch (error) {
      throw new EngineError(`secret file:${path}: the file can't be read`, {}, error);
    }
  },
  cmd: async ({ workdir, env }, command) => {
    try {
      return (await commandOutput("sh", ["-c", command], { cwd: workdir, env })).replace(/\n$/, "");
    } catch (error) {
      // What the command printed may hold the secret.
      throw new EngineError(
        `secret cmd:${command}: the command failed`,
        {},
        error instanceof Error ? error.name : undefined,
      );
    }
  },
};

const makers: Readonly<Record<string, Field<undefined>>> = {
  setSecret: {
    eager: true,
    resolve: (_, args, { services }): Outcome => {
      const plaintext = args.text("plaintext");
      const value: SecretValue = {
        kind: "secret",
        name: args.text("name"),
        uri: "",
        plaintext: () => Promise.resolve(plaintext),
      };
      const fingerprint = services.secrets.fingerprint(plaintext);
      return {
        outcome: true,
        value,
        args: { plaintext: "***" },
        // Two secrets of one name stay two; nobody without the store can tell the plaintext by it.
        implicitInputs: [{ name: "fingerprint", value: { kind: "string", value: fingerprint } }],
      };
    },
  },
  secret: {
    eager: true,
    resolve: (_, args, { services, client }) => {
      requireHost(client.main, "secret(uri:)");
      return secretAt(services, args.text("uri"));
    },
  },
};

export const secretResolvers: Resolvers = {
  ...fieldsOf("Query", isQuery, makers),
  ...fieldsOf("Secret", isSecret, {
    name: (self) => self.name,
    uri: (self) => self.uri,
    plaintext: (self) => self.plaintext(),
  }),
};
